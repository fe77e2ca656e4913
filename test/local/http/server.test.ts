import { once } from 'node:events';
import { createConnection } from 'node:net';
import { startHttpServer } from '../../../src/local/http/server';

const ROUTE = {
  matches: ({ url }: { url?: string }) => url === '/open',
  handle: (_: unknown, response: { write(text: string): void }) => response.write('begun'),
};

test('listens on the given port of 127.0.0.1, and says so when it is taken', async () => {
  const server = await startHttpServer([]);
  try {
    expect(server.url).toBe(`http://127.0.0.1:${server.port}`);
    await expect(startHttpServer([], server.port)).rejects.toThrow(
      `EADDRINUSE: address already in use 127.0.0.1:${server.port}`,
    );
  } finally {
    await server.stop();
  }
});

test('answers what no route matches with the name of the operation', async () => {
  const server = await startHttpServer([ROUTE]);
  try {
    const response = await fetch(`${server.url}/2015-03-31/event-source-mappings?x=1`);
    expect(response.status).toBe(404);
    expect(response.headers.get('x-amzn-errortype')).toBe('UnknownOperationException');
    expect(await response.json()).toEqual({
      message: 'The local target does not support GET /2015-03-31/event-source-mappings',
    });
  } finally {
    await server.stop();
  }
});

test('stop ends responses in progress and connections that are idle', async () => {
  const server = await startHttpServer([ROUTE]);
  const idle = createConnection(server.port, '127.0.0.1');
  const busy = createConnection(server.port, '127.0.0.1');
  idle.on('error', () => undefined);
  busy.on('error', () => undefined);
  busy.write('GET /open HTTP/1.1\r\nHost: x\r\n\r\n');
  await once(busy, 'data');
  const closed = Promise.all([once(idle, 'close'), once(busy, 'close')]);
  await server.stop();
  await closed;
});
