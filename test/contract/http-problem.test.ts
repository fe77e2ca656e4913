import { streamContract } from 'cdk-lambda-streaming/contract';
import { streamHandler } from 'cdk-lambda-streaming/handler';
import { itemsOf, record } from '../handler/record';

const contract = streamContract({ format: 'ndjson' });

const REFUSED: [unknown, string][] = [
  [{ statusCode: 99 }, '"statusCode":99'],
  [{ statusCode: 101 }, '"statusCode":101'],
  [{ statusCode: 600 }, '"statusCode":600'],
  [{ statusCode: 1e21 }, '"statusCode":1e+21'],
  [{ statusCode: -200 }, '-200'],
  [{ statusCode: 200.5 }, '200.5'],
  [{ statusCode: '404' }, '"statusCode":"404"'],
  [{ statusCode: Number.NaN }, '"statusCode":null'],
  [{ status: 404 }, '{"status":404}'],
  [{ statusCode: 200, body: 'x' }, '"body":"x"'],
  [{ multiValueHeaders: { a: ['b'] } }, 'multiValueHeaders'],
  [{ headers: { a: 'x\r\nset-cookie: b=1' } }, String.raw`"a":"x\r\nset-cookie: b=1"`],
  [{ headers: { a: 'x\ny' } }, String.raw`x\ny`],
  [{ headers: { a: 'x\0' } }, String.raw`x\u0000`],
  [{ headers: { a: 'x\x7f' } }, 'got'],
  [{ headers: { a: '10 €' } }, '10 €'],
  [{ headers: { a: '\ud83d' } }, String.raw`\ud83d`],
  [{ headers: { 'a b': 'x' } }, '"a b":"x"'],
  [{ headers: { 'a:': 'x' } }, '"a:":"x"'],
  [{ headers: { 'a\n': 'x' } }, String.raw`"a\n":"x"`],
  [{ headers: { ä: 'x' } }, '"ä":"x"'],
  [{ headers: { '': 'x' } }, '"":"x"'],
  [{ headers: { a: 1 } }, '"a":1'],
  [{ headers: { a: ['b'] } }, '"a":["b"]'],
  [{ headers: { a: null } }, '"a":null'],
  [{ headers: ['a'] }, '"headers":["a"]'],
  [{ headers: null }, '"headers":null'],
  [{ cookies: 'a=1' }, '"cookies":"a=1"'],
  [{ cookies: { a: '1' } }, '"cookies":{"a":"1"}'],
  [{ cookies: ['a=1\nb'] }, String.raw`a=1\nb`],
  [{ cookies: [1] }, '[1]'],
  [404, 'got 404'],
  ['404', 'got "404"'],
  [[], 'got []'],
];

const ACCEPTED: unknown[] = [
  {},
  { statusCode: 200 },
  { statusCode: 599, headers: {}, cookies: [] },
  {
    cookies: ['a=1; Path=/', 'b="2"'],
    headers: { ETag: 'W/"x"', 'x-a_b.c~!': 'tab\tand back\\slash' },
    statusCode: 304,
  },
  { headers: { 'x-name': 'zwölf ÿ', empty: '' } },
  { statusCode: undefined, headers: { 'content-type': 'text/html; charset=utf-8' } },
];

test.each(REFUSED)('a contract with the head %p is refused when it is defined', (http, got) => {
  const define = () => streamContract({ format: 'ndjson', http: http as never });
  expect(define).toThrow(expect.objectContaining({ code: 'contract-invalid' }));
  expect(define).toThrow('streamContract: http must be { statusCode: 200 to 599, ');
  expect(define).toThrow(got);
});

test.each([...REFUSED, [undefined, 'got undefined'], [null, 'got null']])(
  'ctx.http(%p) throws at the call, and the caller is told',
  async (http, got) => {
    let thrown: unknown;
    const handler = streamHandler(contract, async function* (_, ctx) {
      try {
        ctx.http(http as never);
      } catch (error) {
        thrown = error;
        throw error;
      }
      yield 1;
    });
    const recorded = await record(handler, { event: { requestContext: { http: {} } } });
    expect(thrown).toHaveProperty('message', expect.stringContaining('http must be { statusCode: 200 to 599, '));
    expect(thrown).toHaveProperty('message', expect.stringContaining(got as string));
    expect(recorded.prelude).toMatchObject({ statusCode: 500 });
    expect(itemsOf(contract, recorded)).toMatchObject([{ kind: 'error' }]);
    expect(recorded.failed).toEqual([thrown]);
  },
);

test.each(ACCEPTED)('%j is accepted by both, and sent', async (http) => {
  const given = http as { statusCode?: number; headers?: Record<string, string>; cookies?: string[] };
  const byContract = streamHandler(streamContract({ format: 'ndjson', http: given }), async function* () {
    yield 1;
  });
  const byContext = streamHandler(contract, async function* (_, ctx) {
    ctx.http(given);
    yield 1;
  });
  for (const handler of [byContract, byContext]) {
    const { prelude, failed } = await record(handler);
    expect(failed).toEqual([]);
    expect(prelude).toMatchObject({
      statusCode: given.statusCode ?? 200,
      ...(given.cookies && { cookies: given.cookies }),
    });
    for (const [name, value] of Object.entries(given.headers ?? {})) {
      expect(prelude?.headers).toHaveProperty([name.toLowerCase()], value);
    }
  }
});

test('what Node.js would not send as a header is refused, and nothing else', () => {
  const { validateHeaderName, validateHeaderValue } = jest.requireActual<typeof import('node:http')>('node:http');
  const fits = (check: () => void) => {
    try {
      check();
      return true;
    } catch {
      return false;
    }
  };
  const defines = (headers: Record<string, string>) =>
    fits(() => streamContract({ format: 'text', http: { headers } }));
  for (let code = 0; code < 0x180; code++) {
    const character = String.fromCharCode(code);
    const which = `U+${code.toString(16)}`;
    expect([which, defines({ [`a${character}`]: 'x' })]).toEqual([
      which,
      fits(() => validateHeaderName(`a${character}`)),
    ]);
    expect([which, defines({ a: `x${character}y` })]).toEqual([
      which,
      fits(() => validateHeaderValue('a', `x${character}y`)),
    ]);
  }
});

test('a long head is judged as any other', () => {
  const define = (end: string) => () =>
    streamContract({ format: 'text', http: { headers: { a: `${'"a\\'.repeat(50_000)}${end}` } } });
  expect(define('')).not.toThrow();
  expect(define('\n')).toThrow('must be');
});
