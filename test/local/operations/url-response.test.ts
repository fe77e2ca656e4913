import type { FunctionUrlState } from '../../../src/local/state';
import { type LocalLambda, startLocalLambda } from './local-lambda';

// A guard against hanging on a busy machine, not a measure.
let lambda: LocalLambda;
let ids = 0;
beforeAll(async () => {
  lambda = await startLocalLambda();
});
afterAll(() => lambda.stop());

/** Defines a function with a URL; `warnings` gives what the local target itself wrote to its log. */
function defineUrl(source: string, settings: Partial<FunctionUrlState> = {}) {
  const { functionArn, urls } = lambda.define(source);
  ids += 1;
  const urlId = `response${ids}`;
  const url = `${lambda.url}/lambda-url/${urlId}/`;
  urls.push({ urlId, qualifier: 'live', authType: 'NONE', invokeMode: 'RESPONSE_STREAM', url, ...settings });
  const warnings = () =>
    lambda.logs
      .filter((record) => record.functionArn === functionArn && record.message.startsWith('WARN '))
      .map(({ message, version, requestId }) => ({ message, version, requestId }));
  return { url, warnings };
}

const withPrelude = (body: string) => `export const handler = awslambda.streamifyResponse(async (event, stream) => {
  const http = awslambda.HttpResponseStream.from(stream, { statusCode: 301, headers: { location: '/there' } });
  ${body}
});`;

async function answerOf(url: string) {
  const response = await fetch(url, { redirect: 'manual' });
  const { headers, status } = response;
  const requestId = headers.get('x-amzn-requestid');
  return {
    status,
    location: headers.get('location'),
    type: headers.get('content-type'),
    body: await response.text(),
    requestId,
  };
}

describe.each(['RESPONSE_STREAM', 'BUFFERED'] as const)('%s: a stream that ends', (invokeMode) => {
  test('without any write loses status and headers, as on AWS, and the log says why', async () => {
    const { url, warnings } = defineUrl(withPrelude('http.end();'), { invokeMode });
    const { requestId, ...answer } = await answerOf(url);
    expect(answer).toEqual({ status: 200, location: null, type: 'application/octet-stream', body: '' });
    const message = expect.stringMatching(/^WARN status and headers of this response are lost: .* call write\(''\)/);
    expect(warnings()).toEqual([{ message, version: '1', requestId }]);
  });

  test('after an empty write has its status and headers', async () => {
    const { url, warnings } = defineUrl(withPrelude("http.write(''); http.end();"), { invokeMode });
    expect(await answerOf(url)).toMatchObject({ status: 301, location: '/there', body: '' });
    expect(warnings()).toEqual([]);
  });

  test('with a text but no write has no prelude before it', async () => {
    const { url } = defineUrl(withPrelude("http.end('Not Found');"), { invokeMode });
    expect(await answerOf(url)).toMatchObject({ status: 502, location: null });
  });

  test('by failing without any write is a failure', async () => {
    const { url, warnings } = defineUrl(withPrelude("throw new Error('no');"), { invokeMode });
    expect(await answerOf(url)).toMatchObject({ status: 502, location: null });
    expect(warnings()).toEqual([]);
  });
});

describe('a URL with a CORS configuration', () => {
  const cors = () => ({ AllowOrigins: ['*'] });
  const own = 'headers: { "Access-Control-Allow-Origin": "*", "X-Own": "1" }';

  test.each([
    ['streams', `${withPrelude("http.write('x'); http.end();").replace("headers: { location: '/there' }", own)}`],
    ['is buffered', `export const handler = async () => ({ statusCode: 200, ${own}, body: 'x' });`],
  ])('whose function %s and sends the headers too is told once', async (_, source) => {
    const { url, warnings } = defineUrl(source, { cors: cors() });
    for (let i = 0; i < 2; i++) await fetch(url, { redirect: 'manual', headers: { origin: 'https://a.example' } });
    const message = expect.stringMatching(
      /^WARN the function sends access-control-allow-origin, and its URL has a CORS configuration: /,
    );
    expect(warnings()).toEqual([expect.objectContaining({ message })]);
  });

  test('is not told of other headers, nor where only the function answers for its origins', async () => {
    const silent = defineUrl("export const handler = async () => ({ statusCode: 200, headers: { 'x-own': '1' } });", {
      cors: cors(),
    });
    const alone = defineUrl(`export const handler = async () => ({ statusCode: 200, ${own} });`);
    for (const { url, warnings } of [silent, alone]) {
      expect((await fetch(url, { headers: { origin: 'https://a.example' } })).status).toBe(200);
      expect(warnings()).toEqual([]);
    }
  });
});

test('a length that a streaming function promises goes on under another name', async () => {
  const { url } = defineUrl(`export const handler = awslambda.streamifyResponse(async (event, stream) => {
    const http = awslambda.HttpResponseStream.from(stream, { statusCode: 200, headers: { 'Content-Length': '5' } });
    http.write('hello');
    http.end();
  });`);
  const { headers } = await fetch(url);
  const names = ['x-amzn-remapped-content-length', 'content-length', 'transfer-encoding'];
  expect(names.map((name) => headers.get(name))).toEqual(['5', null, 'chunked']);
});
