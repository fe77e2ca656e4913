import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InvokeCommand, LambdaClient, type LambdaClientConfig } from '@aws-sdk/client-lambda';
import type { InferFinal, InferInput } from 'cdk-lambda-streaming/contract';
import { isStreamError, type StreamInvoker, type StreamTarget } from 'cdk-lambda-streaming/invoker';
import type { flightExport } from './contract';
import type { SourceFlight } from './flight-source';
import type { Narrator } from './narrator';

type Query = InferInput<typeof flightExport>;
type Summary = InferFinal<typeof flightExport>;
type Invoker = StreamInvoker<typeof flightExport>;
type Told = [string, Readonly<Record<string, unknown>>];

const DATA = join(__dirname, '../../node_modules/vega-datasets/data/flights-200k.json');
const count = (n: number) => n.toLocaleString('en-US');
/** The name and account of a role, for people. */
const principal = (roleArn: string) => `${roleArn.split('/').at(-1)} of account ${roleArn.split(':')[4]}`;
/** Names instead of ARNs, where a line is read and not pasted. */
const shorten = (text: string) =>
  text.replace(/arn:aws:\w+::?[\w:-]*?[/:]([\w:-]+(?:\/[\w@.-]+)?)(?=[\s,.;]|$)/g, '$1');
const megabytes = (n: number) => `${(n / 1_000_000).toFixed(1)} MB`;

export interface Streamed {
  readonly rows: number;
  readonly distance: number;
  readonly final: Summary;
}

/** Streams the export and shows the rows arriving. */
export async function streamRows(
  invoker: Invoker,
  roleArn: string,
  query: Query,
  say: Narrator,
  signal: AbortSignal,
): Promise<Streamed> {
  say.step('stream', `flights of at least ${query.minDistance} miles, as ${principal(roleArn)}`, {
    as: roleArn,
    query,
  });
  const started = performance.now();
  let firstRowMs = 0;
  let rows = 0;
  let distance = 0;
  const stream = await invoker.invoke(query, { signal });
  for await (const flight of stream) {
    if (rows === 0) firstRowMs = performance.now() - started;
    rows += 1;
    distance += flight.distance;
    if (rows % 5_000 === 0) {
      const seconds = (performance.now() - started) / 1000;
      say.progress(`${count(rows)} rows, ${count(Math.round(rows / seconds))} rows/s`);
    }
  }
  const { final, metrics, logTail } = await stream.result;
  const seconds = (performance.now() - started) / 1000;
  say.step(
    'rows',
    `${count(rows)} rows, ${megabytes(metrics.payloadBytes)} in ${seconds.toFixed(1)} s ` +
      `(${count(Math.round(rows / seconds))} rows/s), the first after ${Math.round(firstRowMs)} ms`,
    { rows, bytes: metrics.payloadBytes, chunks: metrics.chunks, seconds, firstRowMs },
  );
  say.step(
    'summary',
    `${count(final.scanned)} scanned, ${count(final.rows)} matched, ${count(final.late)} late, ` +
      `mean delay ${final.meanDelay.toFixed(1)} min`,
    final,
  );
  const report = logTail?.trim().split('\n') ?? [];
  expect(report.length > 0, 'the log tail is empty');
  const platform = report
    .filter((line) => line.startsWith('REPORT '))
    .map((line) => line.replace(/^REPORT RequestId: \S+\s+/, ''));
  say.step('log tail', platform.join('\n').replaceAll('\t', '  '), { lines: report });
  return { rows, distance, final };
}

/** Counts the matching rows in the source by other code than the handler's, and compares. */
export function countInSource(query: Query, streamed: Streamed): Told {
  const all: readonly SourceFlight[] = JSON.parse(readFileSync(DATA, 'utf8'));
  const matching = all.filter((flight) => flight.distance >= (query.minDistance ?? 0));
  const distance = matching.reduce((sum, flight) => sum + flight.distance, 0);
  expect(streamed.rows === matching.length, `${streamed.rows} rows arrived, ${matching.length} match in the source`);
  expect(streamed.distance === distance, `the rows that arrived add up to ${streamed.distance} miles, not ${distance}`);
  expect(streamed.final.rows === matching.length, `the summary claims ${streamed.final.rows} rows`);
  expect(streamed.final.scanned === all.length, `the summary claims ${streamed.final.scanned} rows scanned`);
  const text = `${count(matching.length)} rows match in the source, ${count(distance)} miles in all: the same`;
  return [text, { rows: matching.length, miles: distance }];
}

/** The same call by a role of the same account that nobody granted anything. */
export async function callUngranted(invoker: Invoker, roleArn: string, query: Query): Promise<Told> {
  const dryRun = await invoker.dryRun();
  expect(!dryRun.allowed, `${roleArn} has no grant, yet a dry run is allowed`);
  const error: unknown = await invoker.invoke(query).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!isStreamError(error, 'ACCESS_DENIED'))
    throw new Error('a role without a grant was not refused', { cause: error });
  const text = `another role of the same account has no grant, and is told so: ${shorten(error.message)}`;
  return [text, { as: roleArn, code: error.code, message: error.message, dryRun }];
}

/** The same export by a plain Invoke, which has to hold the whole response: more than 6 MB cannot pass. */
export async function callBuffered(config: LambdaClientConfig, target: StreamTarget, query: Query): Promise<Told> {
  const client = new LambdaClient(config);
  try {
    const { functionArn } = await target.resolve();
    const response = await client.send(
      new InvokeCommand({ FunctionName: functionArn, Payload: Buffer.from(JSON.stringify(query)) }),
    );
    const details: { errorType?: string; errorMessage?: string } = JSON.parse(
      Buffer.from(response.Payload ?? []).toString('utf8'),
    );
    expect(response.FunctionError !== undefined, 'a buffered invoke carried more than 6 MB');
    return [
      `a plain Invoke cannot carry the same export: ${details.errorMessage}`,
      { functionError: response.FunctionError, ...details },
    ];
  } finally {
    client.destroy();
  }
}

/** Looks for what a run could have left behind. */
export async function nothingIsLeft(endpoint: string, folder: string): Promise<Told> {
  const answered = await fetch(endpoint).then(
    () => true,
    () => false,
  );
  expect(!answered, `${endpoint} still answers`);
  expect(!existsSync(folder), `${folder} still exists`);
  const running = process.getActiveResourcesInfo().filter((resource) => /Process|Server/.test(resource));
  expect(running.length === 0, `still running: ${running.join(', ')}`);
  return ['no server, no child process and no file is left', { endpoint, folder }];
}

function expect(holds: boolean, surprise: string): asserts holds {
  if (!holds) throw new Error(surprise);
}
