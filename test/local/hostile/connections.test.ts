/** Connections that no client makes: each is answered or closed, and the target goes on. */
import { rmSync } from 'node:fs';
import { temporaryFolder } from '../engine/write-assembly';
import { type HostileTarget, type RawOptions, raw, startTarget, synthesize } from './hostile-fixture';

let target: HostileTarget;
const folder = temporaryFolder();
beforeAll(async () => {
  target = await startTarget(synthesize(folder));
});
afterAll(async () => {
  await target.end();
  rmSync(folder, { recursive: true, force: true });
});

const head = (line: string, ...headers: readonly string[]) => `${[line, ...headers].join('\r\n')}\r\n\r\n`;
const INVOKE = 'POST /2015-03-31/functions/echo/invocations HTTP/1.1';
const GET = 'GET / HTTP/1.1';
const HOST = 'Host: 127.0.0.1';
const many = (count: number, length: number) =>
  Array.from({ length: count }, (_, i) => `x-${i}: ${'y'.repeat(length)}`);
const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';

type Answer = RegExp;
const CASES: readonly (readonly [name: string, options: RawOptions, answer: Answer])[] = [
  ['bytes of no protocol', { parts: [Buffer.from([0, 255, 254, 13, 10, 13, 10])] }, /^(400|closed)$/],
  ['the hello of TLS', { parts: [Buffer.from('16030100a5010000a10303', 'hex'), Buffer.alloc(200)] }, /^(400|closed)$/],
  ['nothing', { parts: [], leave: 'end' }, /^closed$/],
  ['empty lines', { parts: ['\r\n\r\n\r\n'], leave: 'end' }, /^(400|closed)$/],
  ['no Host', { parts: [head(GET)] }, /^400$/],
  ['another Host', { parts: [head(GET, 'Host: evil.example')] }, /^403$/],
  ['a Host that begins like loopback', { parts: [head(GET, 'Host: 127.0.0.1.evil.example')] }, /^403$/],
  ['a Host that ends like loopback', { parts: [head(GET, 'Host: evil.example#.localhost')] }, /^403$/],
  ['a Host with a user', { parts: [head(GET, 'Host: localhost@evil.example')] }, /^403$/],
  ['two Hosts', { parts: [head(GET, HOST, 'Host: evil.example')] }, /^(400|403)$/],
  ['an empty Host', { parts: [head(GET, 'Host: ')] }, /^(400|403)$/],
  ['HTTP/1.0', { parts: [head('GET / HTTP/1.0', HOST)] }, /^(403|404)$/],
  ['another version', { parts: [head('GET / HTTP/9.9', HOST)] }, /^(400|403|404|505|closed)$/],
  ['the form for proxies', { parts: [head('GET http://evil.example/ HTTP/1.1', HOST)] }, /^(403|404)$/],
  ['CONNECT', { parts: [head('CONNECT evil.example:443 HTTP/1.1', HOST)] }, /^(400|403|404|closed)$/],
  ['an unknown method', { parts: [head('BREW / HTTP/1.1', HOST)] }, /^(400|403|404|closed)$/],
  ['OPTIONS of everything', { parts: [head('OPTIONS * HTTP/1.1', HOST)] }, /^(403|404)$/],
  [
    'a wish for WebSocket',
    { parts: [head(GET, HOST, 'Connection: Upgrade', 'Upgrade: websocket')] },
    /^(403|404|closed)$/,
  ],
  ['an expectation', { parts: [head(GET, HOST, 'Expect: the-unexpected')] }, /^(403|404|417)$/],
  ['10,000 headers', { parts: [head(GET, HOST, ...many(10_000, 1))] }, /^(403|431|closed)$/],
  ['1,900 small headers', { parts: [head(GET, HOST, ...many(900, 2))] }, /^(403|404)$/],
  ['a header of a megabyte', { parts: [head(GET, HOST, ...many(1, 1_000_000))] }, /^(403|431|closed)$/],
  ['a path of 60 KB', { parts: [head(`GET /${'a'.repeat(60_000)} HTTP/1.1`, HOST)] }, /^(403|414|431|closed)$/],
  ['a header with NUL', { parts: [head(GET, HOST, 'x: \0')] }, /^(400|closed)$/],
  ['two lengths', { parts: [head(INVOKE, HOST, 'Content-Length: 2', 'Content-Length: 3'), '{}'] }, /^(400|403)$/],
  ['a negative length', { parts: [head(INVOKE, HOST, 'Content-Length: -2')] }, /^(400|403)$/],
  [
    'length and chunks',
    { parts: [head(INVOKE, HOST, 'Content-Length: 2', 'Transfer-Encoding: chunked'), '0\r\n\r\n'] },
    /^(400|403)$/,
  ],
  [
    'a body cut in a chunk',
    { parts: [head(INVOKE, HOST, 'Transfer-Encoding: chunked'), 'ff\r\nabc'], leave: 'reset' },
    /^(403|closed)$/,
  ],
  [
    'a body that ends too early',
    { parts: [head(INVOKE, HOST, 'Content-Length: 100'), '{}'], leave: 'end' },
    /^(400|403|closed)$/,
  ],
  [
    'a chunk of a size that is none',
    { parts: [head(INVOKE, HOST, 'Transfer-Encoding: chunked'), 'zz\r\n'] },
    /^(400|403)$/,
  ],
  ['half a head', { parts: ['POST /2015-03-31/functions/echo/inv'], leave: 'reset' }, /^closed$/],
  ['one byte', { parts: ['P'], leave: 'reset' }, /^closed$/],
  ['the preface of HTTP/2 and garbage', { parts: [PREFACE, Buffer.alloc(100, 255)] }, /^(400|closed)$/],
  ['half the preface of HTTP/2', { parts: [PREFACE.slice(0, 10)], leave: 'reset' }, /^(400|closed)$/],
  ['a hundred requests at once', { parts: [head(GET, HOST).repeat(100)] }, /^(403|404)$/],
];

describe.each(['api', 'services', 'runtime'] as const)('the port of the %s', (port) => {
  test.each(CASES)('answers or closes %s', async (_, options, answer) => {
    expect(await raw(target.ports[port], options)).toMatch(answer);
    await target.expectAlive();
  });

  test('reads a head that comes byte by byte', async () => {
    const bytes = [...head('POST /nowhere HTTP/1.1', HOST, 'Content-Length: 0')];
    expect(await raw(target.ports[port], { parts: [bytes[0] ?? '', bytes[1] ?? '', bytes.slice(2).join('')] })).toMatch(
      /^(403|404)$/,
    );
  });
});
