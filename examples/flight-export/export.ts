import { join } from 'node:path';
import { streamHandler } from 'cdk-lambda-streaming/handler';
import { flightExport } from './contract';
import { readFlights } from './flight-source';

const SOURCE = join(process.env.LAMBDA_TASK_ROOT ?? __dirname, 'flights-200k.json');

/** Streams every flight that matches, then a summary. Nothing is collected: memory stays flat whatever the query. */
export const handler = streamHandler(flightExport, async function* (query, ctx) {
  console.log(`export of flights of at least ${query.minDistance} miles, ${ctx.remainingMs()} ms to go`);
  let scanned = 0;
  let rows = 0;
  let late = 0;
  let delays = 0;
  for await (const { delay, distance, time } of readFlights(SOURCE)) {
    scanned += 1;
    if (distance < query.minDistance || delay < (query.minDelay ?? delay)) continue;
    rows += 1;
    delays += delay;
    if (delay > 15) late += 1;
    yield { delay, distance, hour: time };
  }
  return { scanned, rows, late, meanDelay: rows === 0 ? 0 : delays / rows };
});
