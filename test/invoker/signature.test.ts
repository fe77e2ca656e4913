/** That what is sent is signed: verified by the local target's authenticator, which shares no code with the signer. */
import { streamContract } from 'cdk-lambda-streaming/contract';
import { type InvokeCallOptions, type StreamInvokerOptions, streamInvoker } from 'cdk-lambda-streaming/invoker';
import { createAuthenticator } from '../../src/local/http/sigv4';
import { invokeComplete, payloadChunk } from './read-stream';
import { type SeenRequest, serviceError, stream, useWireServer } from './wire-server';

const text = streamContract({ format: 'text' });
const known = {
  secretAccessKey: 'secret',
  principal: { kind: 'administrator', arn: 'arn:aws:iam::111122223333:role/Caller', account: '111122223333' } as const,
};
const authenticate = createAuthenticator((key) => (key === 'AKIDEXAMPLE' ? known : undefined), {
  now: () => Date.now(),
} as never);

const wire = useWireServer();

const ok = stream([payloadChunk('ok'), invokeComplete()]);

function verdict({ method, url, headers, body }: SeenRequest): boolean {
  const values = headers as Record<string, string>;
  return authenticate({ method, url, headers: values, body: Buffer.from(body) }, 'lambda').authenticated;
}

async function sent(options: object, call: InvokeCallOptions = {}, input: unknown = { prompt: 'grüß 🙂' }) {
  const all = { client: wire.client(), retry: { baseDelayMs: 1 }, ...options } as StreamInvokerOptions;
  await (await streamInvoker(text, all).invoke(input, call)).collect();
  return wire.requests;
}

const ARN = 'arn:aws:lambda:us-east-1:111122223333:function:chat';
const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

test.each<[string, object, InvokeCallOptions?]>([
  ['a name', { functionName: 'chat' }],
  ['a partial ARN with an alias', { functionName: '111122223333:function:chat:live' }],
  ['an ARN with a version', { functionName: `${ARN}:7` }],
  ['an ARN and a qualifier beside it', { functionName: ARN, qualifier: '$LATEST' }],
  ['log tail, tenant, client context and trace', { functionName: 'chat', logs: 'tail', tenantId: 'a b', traceparent }],
  [
    "a call's own tenant and client context",
    { functionName: 'chat' },
    { tenantId: 'x', clientContext: { custom: { a: 'é' } } },
  ],
])('a request by %s is signed, all of it', async (...[, options, call]) => {
  wire.answer(ok);
  const [request] = await sent(options, call);
  if (request === undefined) throw new Error('nothing was sent');
  expect(verdict(request)).toBe(true);
  // And the verifier would see a change.
  expect(verdict({ ...request, body: `${request.body} ` })).toBe(false);
  expect(verdict({ ...request, url: request.url.replace('chat', 'chad') })).toBe(false);
  const { headers } = request;
  for (const name of ['x-amz-tenant-id', 'x-amz-client-context', 'x-amz-log-type']) {
    if (headers[name] !== undefined)
      expect(verdict({ ...request, headers: { ...headers, [name]: 'other' } })).toBe(false);
  }
});

test('each attempt and a dry run are signed', async () => {
  wire.answer(serviceError(429, 'TooManyRequestsException'), ok);
  expect((await sent({ functionName: 'chat' })).map(verdict)).toEqual([true, true]);
  wire.answer((response) => void response.writeHead(204).end());
  await streamInvoker(text, { functionName: 'chat', client: wire.client(), tenantId: 'blue' }).dryRun();
  expect(wire.requests.map(verdict)).toEqual([true]);
});

test.each([
  [
    'a partial ARN with an alias',
    { functionName: '111122223333:function:chat:live' },
    '111122223333%3Afunction%3Achat%3Alive',
    '',
  ],
  [
    'an ARN and a qualifier beside it',
    { functionName: ARN, qualifier: 'live' },
    encodeURIComponent(ARN),
    '?Qualifier=live',
  ],
  [
    'an ARN and the same qualifier again',
    { functionName: `${ARN}:live`, qualifier: 'live' },
    encodeURIComponent(`${ARN}:live`),
    '?Qualifier=live',
  ],
])('%s is sent as it is', async (_, options, label, query) => {
  wire.answer(ok);
  const [request] = await sent(options);
  expect(request?.url).toBe(`/2021-11-15/functions/${label}/response-streaming-invocations${query}`);
});
