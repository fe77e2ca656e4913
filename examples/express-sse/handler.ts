import { nodeHandler } from 'cdk-lambda-streaming/web';
import express from 'express';

const STEPS = ['fetch', 'check', 'resize', 'upload', 'notify'];

const app = express();

/** The steps of a job as server-sent events. Each has an id, so that a client that was cut off goes on where it was. */
app.get('/jobs/:job', async (request, response) => {
  const last = request.get('last-event-id');
  const first = last === undefined ? 0 : Number(last) + 1;
  // The one status that tells an EventSource not to come again: each time it does is an invocation.
  if (first >= STEPS.length) return void response.status(204).end();
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  response.write('retry: 100\n\n');
  for (const [id, step] of STEPS.entries()) {
    if (id < first) continue;
    response.write(`id: ${id}\nevent: step\ndata: ${JSON.stringify({ job: request.params.job, step })}\n\n`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  response.end();
});

export const handler = nodeHandler(app);
