/** What CloudFormation refuses before there is a stack, in its words. One target for all. */
import { type LocalTarget, startLocal } from 'cdk-lambda-streaming/local';
import { askCloudFormation } from './ask-cloudformation';

let local: LocalTarget;
beforeAll(async () => {
  local = await startLocal();
});
afterAll(() => local.stop());

const ask = (Action: string, input: Readonly<Record<string, string>>) => askCloudFormation(local, Action, input);
const topic = (Properties: object = {}) => ({ Type: 'AWS::SNS::Topic', Properties });
const parameter = (ParameterKey: string, ParameterValue: string, index = 1) => ({
  [`Parameters.member.${index}.ParameterKey`]: ParameterKey,
  [`Parameters.member.${index}.ParameterValue`]: ParameterValue,
});
const T = topic();

test.each<[string, object, Record<string, string>, string]>([
  ['no resources', { Resources: {} }, {}, 'Template format error: At least one Resources member must be defined.'],
  [
    'an unknown name',
    { Resources: { A: topic({ TopicName: { Ref: 'Nope' } }) } },
    {},
    'Template format error: Unresolved resource dependencies [Nope] in the Resources block of the template',
  ],
  [
    'a circle',
    { Resources: { A: topic({ TopicName: { Ref: 'B' } }), B: topic({ TopicName: { Ref: 'A' } }) } },
    {},
    'Circular dependency between resources: [A, B]',
  ],
  [
    'an unknown parameter',
    { Resources: { T } },
    parameter('Other', 'x'),
    'Parameters: [Other] do not exist in the template',
  ],
  [
    'a value that is not allowed',
    { Resources: { T }, Parameters: { P: { Type: 'Number', MaxValue: 9 } } },
    parameter('P', '10', 99_999_999),
    "Parameter 'P' must be a number not greater than 9",
  ],
  [
    'a rule that does not hold',
    {
      Resources: { T },
      Rules: { R: { Assertions: [{ Assert: { 'Fn::Equals': [1, 2] }, AssertDescription: 'no!' }] } },
    },
    {},
    'does not hold: no!',
  ],
  [
    'a template too long for a request',
    { Description: 'x'.repeat(51_200), Resources: { T } },
    {},
    "at 'templateBody' failed to satisfy constraint: Member must have length less than or equal to 51200",
  ],
])('%s', async (_, template, more, message) => {
  const input = { StackName: 'S', TemplateBody: JSON.stringify(template), ...more };
  const answers = [
    await ask('CreateStack', input),
    await ask('CreateChangeSet', { ...input, ChangeSetName: 'c', ChangeSetType: 'CREATE' }),
  ];
  for (const answer of answers) {
    expect(answer.replace(/&apos;|&#39;/g, "'")).toMatch(/^400 .*<Code>ValidationError</s);
    expect(answer.replace(/&apos;|&#39;/g, "'")).toContain(message);
  }
  expect(await ask('DescribeStacks', { StackName: 'S' })).toMatch(/^400 .*Stack with id S does not exist/s);
});

test('an address of a template that is none', async () => {
  expect(await ask('CreateStack', { StackName: 'S', TemplateURL: 'https://s3.amazonaws.com/b/%zz' })).toMatch(
    /^400 .*TemplateURL must be an object of a bucket/s,
  );
});
