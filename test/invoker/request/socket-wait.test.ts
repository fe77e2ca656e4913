/** Who waits for a socket is told; who waits for the function is not. */
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { streamContract } from 'cdk-lambda-streaming/contract';
import { type StreamInvokerOptions, streamInvoker } from 'cdk-lambda-streaming/invoker';
import { createDeferred } from '../../../src/base/promises';
import { invokeComplete, payloadChunk } from '../read-stream';
import { EVENT_STREAM_HEADERS, until, useWireServer } from '../wire-server';

const wire = useWireServer();

test('a call without a free socket is warned of, and goes on when there is one', async () => {
  const held: ServerResponse[] = [];
  wire.answer((response) => void held.push(response));
  const client = wire.pooledClient(1);
  const seen: string[] = [];
  const warned = createDeferred<string>();
  const callOf = (name: string, onWarning: (message: string) => void) => {
    const hooks = { onWarning: (message: string) => onWarning(message), onEnd: () => void seen.push(`${name} ended`) };
    return streamInvoker(streamContract({ format: 'text' }), {
      functionName: name,
      client,
      hooks,
    } as StreamInvokerOptions);
  };
  // It waits for its headers for longer than the other, but it has a socket.
  const first = callOf('first', () => void seen.push('first warned')).invoke({});
  await until(() => held.length === 1);
  const second = callOf('second', (message) => {
    seen.push('second warned');
    warned.resolve(message);
  }).invoke({});
  expect(await warned.promise).toMatch(/waited 2 s for a free socket: .* all in use \(maxSockets: 1\)/);
  for (const call of [first, second]) {
    await until(() => held.length === 1);
    const response = held.pop() as ServerResponse;
    response.writeHead(200, EVENT_STREAM_HEADERS).end(Buffer.concat([payloadChunk('a'), invokeComplete()]));
    await once(response, 'close');
    expect((await (await call).collect()).chunks).toEqual(['a']);
  }
  expect(seen).toEqual(['second warned', 'first ended', 'second ended']);
});
