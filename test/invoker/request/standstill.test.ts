/** A process that stands still while its idle connections are closed, as a frozen Lambda function does. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { streamContract } from 'cdk-lambda-streaming/contract';
import { streamInvoker } from 'cdk-lambda-streaming/invoker';
import { invokeComplete, payloadChunk } from '../read-stream';
import { EVENT_STREAM_HEADERS } from '../wire-server';

/** A server in a thread of its own, since this one stands still: any message makes it close its connections. */
const SERVER = `
const { createServer } = require('node:http');
const { parentPort, workerData: { headers, body, flag } } = require('node:worker_threads');
const sockets = new Set();
const server = createServer((request, response) => {
  request.resume();
  request.on('end', () => response.writeHead(200, headers).end(body));
});
server.on('connection', (socket) => {
  sockets.add(socket);
  socket.on('close', () => {
    sockets.delete(socket);
    if (sockets.size > 0) return;
    Atomics.add(flag, 0, 1);
    Atomics.notify(flag, 0);
  });
});
server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
parentPort.on('message', () => sockets.forEach((socket) => socket.destroy()));
`;

test('connections that were closed while the process stood still are not used', async () => {
  const flag = new Int32Array(new SharedArrayBuffer(4));
  const body = Buffer.concat([payloadChunk('a'), invokeComplete()]);
  const server = new Worker(SERVER, { eval: true, workerData: { headers: EVENT_STREAM_HEADERS, body, flag } });
  const [port] = (await once(server, 'message')) as [number];
  const invoker = streamInvoker(streamContract({ format: 'text' }), {
    functionName: 'f',
    retry: false,
    clientConfig: {
      endpoint: `http://127.0.0.1:${port}`,
      region: 'us-east-1',
      credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' },
    },
  });
  try {
    for (let freeze = 0; freeze < 3; freeze++) {
      expect((await (await invoker.invoke({})).collect()).chunks).toEqual(['a']);
      // The agent takes the connection back after the end of the response.
      await new Promise((resolve) => setTimeout(resolve, 50));
      server.postMessage('close');
      Atomics.wait(flag, 0, freeze, 5_000);
      expect(Atomics.load(flag, 0)).toBe(freeze + 1);
      // The rest of the freeze; nobody notifies.
      Atomics.wait(flag, 0, freeze + 1, 1_100);
    }
    expect((await (await invoker.invoke({})).collect()).chunks).toEqual(['a']);
  } finally {
    invoker.close();
    await server.terminate();
  }
});
