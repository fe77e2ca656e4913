import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { get, type IncomingMessage, type Server } from 'node:http';
import { connect, constants } from 'node:http2';
import { createConnection } from 'node:net';
import { text } from 'node:stream/consumers';
import { startDualServer } from '../../../src/local/http/dual-server';
import { type HttpRoute, startHttpServer } from '../../../src/local/http/server';

const ROUTE = {
  matches: ({ url }: { url?: string }) => url === '/open',
  handle: (_: unknown, response: { write(text: string): void }) => response.write('begun'),
};

test('listens on the given port of 127.0.0.1, and says so when it is taken', async () => {
  const server = await startHttpServer([]);
  try {
    expect(server.url).toBe(`http://127.0.0.1:${server.port}`);
    await expect(startHttpServer([], server.port)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: `port ${server.port} of 127.0.0.1 is in use; give another one, or 0 for any free one`,
    });
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
  busy.write('GET /open HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await once(busy, 'data');
  const closed = Promise.all([once(idle, 'close'), once(busy, 'close')]);
  await server.stop();
  await closed;
});

/** Answers everything with its `Host`. */
const ECHO_HOST = {
  matches: () => true,
  handle: ({ headers }: { headers: { host?: string } }, response: { end(text: string): void }) =>
    response.end(headers.host ?? 'none'),
};

/** The answer to a request with this `Host`, which `fetch` would not send. */
async function answerTo(port: number, host: string): Promise<string> {
  const socket = createConnection(port, '127.0.0.1');
  socket.end(`GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  return text(socket);
}

describe.each([
  ['the server of the target', startHttpServer],
  ['the server of its functions', startDualServer],
])('%s', (_, start) => {
  test.each([
    'evil.example',
    'evil.example:80',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    'evillocalhost',
    '127.0.0.2',
    '10.0.0.1',
    '',
  ])("refuses the host '%s', which a page of another site may have pointed here", async (host) => {
    const server = await start([ECHO_HOST]);
    try {
      const answer = await answerTo(server.port, host);
      expect(answer).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n/);
      expect(answer).toContain('x-amzn-ErrorType: ForeignHostException');
      expect(answer).toContain(`names under localhost only, got the host '${host}'`);
    } finally {
      await server.stop();
    }
  });

  test.each([
    '127.0.0.1',
    '127.0.0.1:9001',
    'localhost:80',
    'LOCALHOST',
    'abc.lambda-url.eu-west-1.localhost:80',
    '[::1]:1',
  ])("answers the host '%s'", async (host) => {
    const server = await start([ECHO_HOST]);
    try {
      expect(await answerTo(server.port, host)).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    } finally {
      await server.stop();
    }
  });
});

test('the server of functions refuses a foreign authority over HTTP/2 too', async () => {
  const server = await startDualServer([ECHO_HOST]);
  const session = connect(server.url);
  try {
    const statusOf = async (authority: string) => {
      const stream = session.request({ ':authority': authority });
      const [headers] = (await once(stream, 'response')) as [{ ':status'?: number }];
      await text(stream);
      return headers[':status'];
    };
    expect(await statusOf('evil.example')).toBe(403);
    expect(await statusOf(`127.0.0.1:${server.port}`)).toBe(200);
  } finally {
    session.destroy();
    await server.stop();
  }
});

test('a request that does not arrive whole is ended, its body included', async () => {
  const server = await startHttpServer([{ ...ECHO_HOST, handle: () => undefined }], 0, 50);
  try {
    const socket = createConnection(server.port, '127.0.0.1');
    // Without the limit nothing would end, and the runner must.
    socket.unref();
    server.unref();
    socket.write('POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nhalf');
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/);
  } finally {
    await server.stop();
  }
});

test('a request has a minute, and a response as long as it takes', async () => {
  const servers: Server[] = [];
  const remember = (message: unknown) => servers.push((message as { server: Server }).server);
  subscribe('http.server.request.start', remember);
  const server = await startHttpServer([ECHO_HOST]);
  try {
    await (await fetch(server.url)).text();
    expect(servers).toMatchObject([{ requestTimeout: 60_000, timeout: 0 }]);
  } finally {
    unsubscribe('http.server.request.start', remember);
    await server.stop();
  }
});

/** Reads what it gets, and never answers. */
const SILENT: HttpRoute = { matches: () => true, handle: (request) => request.resume() };

test.each([
  ['says nothing', '', /^$/],
  ['never ends its head', 'POST / HTTP/1.1\r\nHost: loc', /^HTTP\/1\.1 408 Request Timeout\r\n/],
  [
    'never ends its body',
    'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nhalf',
    /^HTTP\/1\.1 408 Request Timeout\r\n/,
  ],
])('a client of the port of functions that %s is broken off over HTTP/1.1', async (_name, sent, answer) => {
  const server = await startDualServer([SILENT], 50);
  try {
    const socket = createConnection(server.port, '127.0.0.1');
    // Without the limit nothing would end, and the runner must.
    socket.unref();
    server.unref();
    if (sent !== '') socket.write(sent);
    expect(await text(socket)).toMatch(answer);
  } finally {
    await server.stop();
  }
});

test('a client of the port of functions that never ends its body is broken off over HTTP/2', async () => {
  const server = await startDualServer([SILENT], 50);
  const session = connect(server.url);
  session.unref();
  server.unref();
  try {
    const stream = session.request({ ':method': 'POST' });
    stream.write('half');
    await once(stream, 'close');
    expect(stream.rstCode).toBe(constants.NGHTTP2_CANCEL);
  } finally {
    session.destroy();
    await server.stop();
  }
});

test.each(['HTTP/1.1', 'HTTP/2'])(
  'a long answer to a request that nobody reads is not broken off over %s',
  async (version) => {
    const answerLate: HttpRoute = {
      matches: () => true,
      handle: (_, response) => {
        response.write('begun ');
        setTimeout(() => response.end('ended'), 300);
      },
    };
    const server = await startDualServer([answerLate], 50);
    const session = version === 'HTTP/2' ? connect(server.url) : undefined;
    try {
      const response =
        session?.request({ ':method': 'GET' }) ?? ((await once(get(server.url), 'response'))[0] as IncomingMessage);
      expect(await text(response)).toBe('begun ended');
    } finally {
      session?.destroy();
      await server.stop();
    }
  },
);

test.each(['HTTP/1.1', 'HTTP/2'])('an answer before the end of a large body arrives over %s', async (version) => {
  const server = await startDualServer([{ matches: () => true, handle: (_, response) => response.end('early') }]);
  const session = version === 'HTTP/2' ? connect(server.url) : undefined;
  try {
    const body = Buffer.alloc(5_000_000);
    if (session) {
      const stream = session.request({ ':method': 'POST' });
      stream.end(body);
      expect(await text(stream)).toBe('early');
      expect(stream.rstCode).toBe(constants.NGHTTP2_NO_ERROR);
    } else {
      const response = await fetch(server.url, { method: 'POST', body });
      expect(await response.text()).toBe('early');
    }
  } finally {
    session?.destroy();
    await server.stop();
  }
});
