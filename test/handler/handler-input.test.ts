/** What a handler receives: from any schema library, and from the events of the front ends. */
import { type StandardSchema, streamContract } from 'cdk-lambda-streaming/contract';
import { streamHandler } from 'cdk-lambda-streaming/handler';
import * as v from 'valibot';
import { z } from 'zod';
import { requireEsmOnly } from '../contract/esm-only';
import { itemsOf, record } from './record';

type ArkType = typeof import('arktype', { with: { 'resolution-mode': 'import' }});
const { type } = requireEsmOnly<ArkType>('arktype');

/** What the handler's producer was given, or the failure the caller is told. */
async function received(input: StandardSchema | undefined, event: unknown): Promise<unknown> {
  const contract = streamContract({ format: 'ndjson', input });
  const seen: unknown[] = [];
  const handler = streamHandler(contract, async function* (value: unknown) {
    seen.push(value);
    yield* [];
  });
  const recorded = await record(handler, { event });
  const [item] = itemsOf(contract, recorded);
  return item?.kind === 'error' ? { ...item, status: recorded.prelude?.statusCode } : { seen };
}

const schemas: Record<string, StandardSchema> = {
  zod: z.object({ n: z.string().transform(Number), list: z.array(z.string()).default([]) }),
  valibot: v.object({ n: v.pipe(v.string(), v.transform(Number)), list: v.optional(v.array(v.string()), []) }),
  arktype: type({ n: 'string.numeric.parse', list: type('string[]').default(() => []) }),
  'zod, asynchronous': z.object({ n: z.string().transform(async (text) => Number(text)), list: z.any().default([]) }),
  'valibot, asynchronous': v.objectAsync({
    n: v.pipeAsync(
      v.string(),
      v.transformAsync(async (text) => Number(text)),
    ),
    list: v.optional(v.any(), []),
  }),
};

describe.each(Object.keys(schemas))('an input schema of %s', (library) => {
  const schema = schemas[library];

  test('transforms what the handler receives', async () => {
    await expect(received(schema, { n: '7' })).resolves.toEqual({ seen: [{ n: 7, list: [] }] });
  });

  test('refuses what does not fit, and says where', async () => {
    await expect(received(schema, { n: true })).resolves.toMatchObject({
      kind: 'error',
      failure: { type: 'InvalidInput', issues: [{ path: ['n'], message: expect.any(String) }] },
    });
  });
});

test('a schema that fails itself is a crash, no invalid input', async () => {
  const schema = z.string().transform(() => {
    throw new RangeError('schema');
  });
  await expect(received(schema, 'a')).resolves.toMatchObject({ failure: { type: 'RangeError', message: 'schema' } });
});

describe('an HTTP request', () => {
  const rest = { requestContext: { httpMethod: 'POST' } };
  const url = { requestContext: { http: { method: 'POST' } } };

  test.each<[string, object, unknown]>([
    ['a body', { ...url, body: '{"a":"ä"}' }, { a: 'ä' }],
    ['a base64 body', { ...url, body: Buffer.from('{"a":"ä"}').toString('base64'), isBase64Encoded: true }, { a: 'ä' }],
    ['a body that is no object', { ...rest, body: '0' }, 0],
    ['a body before a query', { ...rest, body: '{"a":1}', queryStringParameters: { b: '2' } }, { a: 1 }],
    ['an empty body and a query', { ...rest, body: '', queryStringParameters: { b: '2' } }, { b: '2' }],
    ['neither', url, {}],
    ['neither, as a REST API says it', { ...rest, body: null, queryStringParameters: null, headers: null }, {}],
  ])('gives its input: %s', async (_, event, input) => {
    await expect(received(undefined, event)).resolves.toEqual({ seen: [input] });
  });

  test.each<[string, object]>([
    ['not JSON', { ...url, body: 'a=1' }],
    ['cut off', { ...url, body: '{"a":' }],
    ['base64 that was not announced', { ...url, body: btoa('{}') }],
    ['no base64 although announced', { ...url, body: '{"a":1}', isBase64Encoded: true }],
  ])('with a body that is %s gets a 400', async (_, event) => {
    await expect(received(undefined, event)).resolves.toMatchObject({
      failure: { type: 'InvalidInput', message: 'the body is not JSON' },
      status: 400,
    });
  });

  test.each<[string, object, object]>([
    [
      'in lower case',
      { ...url, headers: { traceparent: '00-a', tracestate: 'x=1' } },
      { traceparent: '00-a', tracestate: 'x=1' },
    ],
    [
      'as the client wrote them',
      { ...rest, headers: { Traceparent: '00-a', TraceState: 'x=1' } },
      { traceparent: '00-a', tracestate: 'x=1' },
    ],
    [
      'in upper case, with the lists beside',
      { ...rest, headers: { TRACEPARENT: '00-a' }, multiValueHeaders: { TRACEPARENT: ['00-a'] } },
      { traceparent: '00-a' },
    ],
    ['not there', { ...rest, headers: { Accept: '*/*' } }, {}],
    ['null', { ...rest, headers: null }, {}],
  ])('gives its trace context from headers %s', async (_, event, context) => {
    let seen: unknown;
    const handler = streamHandler(streamContract({ format: 'ndjson' }), async function* (__, ctx) {
      seen = ctx.traceContext;
      yield 1;
    });
    await record(handler, { event });
    expect(seen).toEqual(context);
  });
});
