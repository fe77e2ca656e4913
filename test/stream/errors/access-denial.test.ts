/** What a refused caller is told to do next: only what can help. */
import { nextStep, readAccessDenial } from '../../../src/stream/errors/access-denial';

const ARN = 'arn:aws:lambda:eu-west-1:111111111111:function:chat';
const refusal = (action: string, resource: string, why: string) =>
  nextStep(
    readAccessDenial(
      `User: arn:aws:sts::222222222222:assumed-role/Caller/s is not authorized to perform: ${action} on resource: ${resource} ${why}`,
    ),
  );

test.each([
  ['lambda:InvokeFunction', 'identity-based', 'fn.streamGrants.invoke(role)'],
  ['lambda:InvokeFunction', 'resource-based', 'fn.streamGrants.invoke(role)'],
  ['lambda:InvokeFunctionUrl', 'identity-based', 'fn.streamGrants.invokeUrl(role)'],
])('where %s is allowed by no %s policy, the grant is named', (action, policy, grant) => {
  const step = refusal(action, `${ARN}:live`, `because no ${policy} policy allows the ${action} action`);
  expect(step).toBe(`; ${grant} in the app that defines the function grants it`);
});

test('a call of the function itself is told that the grant is on the alias', () => {
  const why = 'because no identity-based policy allows the lambda:InvokeFunction action';
  expect(refusal('lambda:InvokeFunction', ARN, why)).toMatch(/on its alias: name the alias in the call, too/);
});

test.each([
  ['a policy forbids it', 'lambda:InvokeFunction', 'with an explicit deny in an identity-based policy'],
  [
    'the organization allows it nowhere',
    'lambda:InvokeFunction',
    'because no service control policy allows the action',
  ],
  ['a boundary ends before it', 'lambda:InvokeFunction', 'because no permissions boundary allows the action'],
  ['nobody says why', 'lambda:InvokeFunction', ''],
  ['it is another action', 'ssm:GetParameter', 'because no identity-based policy allows the ssm:GetParameter action'],
])('nothing is advised that would not help: %s', (_, action, why) => {
  expect(refusal(action, ARN, why)).toBe('');
});
