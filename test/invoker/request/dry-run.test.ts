import { streamContract } from 'cdk-lambda-streaming/contract';
import { streamInvoker } from 'cdk-lambda-streaming/invoker';
import { rejection } from '../read-stream';
import { REQUEST_ID, serviceError, useWireServer } from '../wire-server';

const wire = useWireServer();

const USER = 'arn:aws:sts::222222222222:assumed-role/Caller/s';
const FUNCTION = 'arn:aws:lambda:us-east-1:111111111111:function:f:live';
const WHO = `User: ${USER} is not authorized to perform: lambda:InvokeFunction on resource: ${FUNCTION}`;

const invoker = () =>
  streamInvoker(streamContract({ format: 'text' }), {
    functionName: 'f',
    qualifier: 'live',
    client: wire.client(),
    retry: { baseDelayMs: 1 },
  });

test('asks by the buffered operation, which runs nothing', async () => {
  wire.answer((response) => void response.writeHead(204, { 'x-amzn-requestid': REQUEST_ID }).end());
  expect(await invoker().dryRun()).toEqual({ allowed: true });
  expect(wire.requests).toHaveLength(1);
  expect(wire.requests[0]).toMatchObject({
    url: '/2015-03-31/functions/f/invocations?Qualifier=live',
    headers: expect.objectContaining({ 'x-amz-invocation-type': 'DryRun' }),
  });
});

test.each([
  [
    'because no identity-based policy allows the lambda:InvokeFunction action',
    { reason: 'implicit-identity', policyType: 'identity-based' },
  ],
  ['because no resource-based policy allows the lambda:InvokeFunction action', { reason: 'implicit-resource' }],
  ['because no permissions boundary allows the lambda:InvokeFunction action', { reason: 'permissions-boundary' }],
  ['because no session policy allows the lambda:InvokeFunction action', { reason: 'session-policy' }],
  ['because no service control policy allows the lambda:InvokeFunction action', { reason: 'scp' }],
  ['because no resource control policy allows the lambda:InvokeFunction action', { reason: 'rcp' }],
  ['because no VPC endpoint policy allows the lambda:InvokeFunction action', { reason: 'vpc-endpoint-policy' }],
  ['with an explicit deny in an identity-based policy', { reason: 'explicit-deny', policyType: 'identity-based' }],
  ['with an explicit deny in a resource-based policy', { reason: 'explicit-deny', policyType: 'resource-based' }],
  ['with an explicit deny in a permissions boundary', { reason: 'explicit-deny', policyType: 'permissions boundary' }],
  [
    'with an explicit deny in a service control policy: arn:aws:organizations::1:policy/o-a/service_control_policy/p-b',
    {
      reason: 'explicit-deny',
      policyType: 'service control',
      policyArn: 'arn:aws:organizations::1:policy/o-a/service_control_policy/p-b',
    },
  ],
  ['with an explicit deny', { reason: 'explicit-deny' }],
  ['', { reason: 'unknown' }],
])('a refusal %s is told with its reason', async (wording, expected) => {
  wire.answer(serviceError(403, 'AccessDeniedException', { Message: `${WHO} ${wording}`.trim() }));
  const result = await invoker().dryRun();
  expect(result).toMatchObject({
    allowed: false,
    principal: USER,
    action: 'lambda:InvokeFunction',
    resource: FUNCTION,
    message: expect.stringContaining(`AccessDeniedException: ${WHO} ${wording}`.trim()),
    requestId: REQUEST_ID,
    ...expected,
  });
  expect(wire.requests).toHaveLength(1);
});

test('a function that does not exist is an error, not an answer', async () => {
  wire.answer(serviceError(404, 'ResourceNotFoundException', { Message: 'Function not found' }));
  expect(await rejection(invoker().dryRun())).toMatchObject({ code: 'NOT_FOUND' });
});

test('an error that passes is got over, since nothing can run twice', async () => {
  wire.answer(serviceError(500, 'ServiceException'), (response) => void response.writeHead(204).end());
  expect(await invoker().dryRun()).toEqual({ allowed: true });
  expect(wire.requests).toHaveLength(2);
});

test.each([200, 202])('an answer of %i is no permission: something ran the function, perhaps', async (status) => {
  wire.answer((response) => void response.writeHead(status, { 'x-amzn-requestid': REQUEST_ID }).end('"done"'));
  expect(await rejection(invoker().dryRun())).toMatchObject({
    code: 'SERVICE',
    statusCode: status,
    invoked: 'maybe',
    requestId: REQUEST_ID,
    message: expect.stringContaining('may have run the function'),
  });
  expect(wire.requests).toHaveLength(1);
});

test("asks for the tenant of the invoker, or the call's own", async () => {
  wire.answer((response) => void response.writeHead(204).end());
  const settings = { functionName: 'f', client: wire.client(), tenantId: 'blue' };
  const asking = streamInvoker(streamContract({ format: 'text' }), settings);
  await asking.dryRun();
  await asking.dryRun({ tenantId: 'green' });
  expect(wire.requests.map(({ headers }) => headers['x-amz-tenant-id'])).toEqual(['blue', 'green']);
  expect(wire.requests[0]?.headers.authorization).toContain('x-amz-tenant-id');
});
