import * as lambda from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import {
  App,
  CfnOutput,
  CfnParameter,
  CfnRule,
  type CfnStack,
  Fn,
  NestedStack,
  Stack,
  type StackProps,
} from 'aws-cdk-lib/core';
import { isDeployError } from '../../../src/local/local-error';
import { deploy, engine, snapshot, stack, state } from './engine-fixture';
import { temporaryFolder } from './write-assembly';

const env = { account: '111111111111', region: 'eu-west-1' };

/** The assembly of one stack `P`. */
function synth(build: (stack: Stack) => void, props: StackProps = {}): string {
  const app = new App({ outdir: temporaryFolder() });
  build(new Stack(app, 'P', { env, ...props }));
  return app.synth().directory;
}

const fn = (scope: Stack, environment: Record<string, string> = {}, overrides: Partial<lambda.FunctionProps> = {}) =>
  new lambda.Function(scope, 'F', {
    runtime: lambda.Runtime.NODEJS_22_X,
    handler: 'index.handler',
    code: lambda.Code.fromInline('exports.handler = async () => 1;'),
    environment,
    ...overrides,
  });

/** Three functions of one logical id: in a stack, in one nested in it, and in one nested in that. */
function threeLevels({ inner = '1', memorySize = 128, groups = ['G'] } = {}): string {
  return synth((parent) => {
    const nested = new NestedStack(parent, 'N');
    const outer = fn(nested);
    const innermost = new NestedStack(nested, 'M');
    fn(innermost, { OUTER: outer.functionArn, NAME: innermost.stackName, INNER: inner }, { memorySize });
    for (const id of groups) new LogGroup(innermost, id);
    fn(parent, { OUTER: outer.functionName });
    new CfnOutput(parent, 'Json', { value: parent.toJsonString({ arn: outer.functionArn }) });
  });
}

const environments = () =>
  [...state.functions.values()].map(({ versions }) => versions.get('$LATEST')?.environment ?? {});

describe('nested stacks', () => {
  test('deploy with their parameters and outputs, and are updated, emptied and destroyed with their parent', async () => {
    const first = await engine.deploy(threeLevels());
    const [outer, inner, top] = [...state.functions.values()];
    expect(first.warnings).toEqual([]);
    expect(outer?.functionName).toMatch(/^P-NNestedStackNNestedStack\w*-F\w+-\w{12}$/);
    expect(inner?.functionName).toMatch(/^P-NNestedStackNNestedStack\w*-F\w+-\w{12}$/);
    expect(inner?.functionName.length).toBeLessThanOrEqual(64);
    expect(environments()).toEqual([
      {},
      { OUTER: outer?.functionArn, NAME: expect.stringMatching(/^P-NNested.*-MNested.*-\w{12}$/), INNER: '1' },
      { OUTER: outer?.functionName },
    ]);
    expect(first.stacks).toHaveLength(1);
    expect(JSON.parse(first.stacks[0]?.outputs['Json'] ?? '')).toEqual({ arn: outer?.functionArn });
    expect(
      engine.allStacks().map(({ resources }) => [...resources.values()].map((each) => each.constructPath)),
    ).toEqual([
      ['P/N.NestedStack/N.NestedStackResource', 'P/F/ServiceRole/Resource', 'P/F/Resource'],
      ['P/N/F/ServiceRole/Resource', 'P/N/F/Resource', 'P/N/M.NestedStack/M.NestedStackResource'],
      ['P/N/M/F/ServiceRole/Resource', 'P/N/M/F/Resource', 'P/N/M/G/Resource'],
    ]);
    const nestedName = engine.allStacks()[1]?.stackName ?? '';
    expect(engine.stack(nestedName).outputs).toEqual(
      expect.objectContaining({ [Object.keys(engine.stack(nestedName).outputs)[0] ?? '']: expect.any(String) }),
    );

    expect((await engine.deploy(threeLevels())).stacks[0]?.status).toBe('unchanged');

    const before = inner?.versions.get('$LATEST');
    const second = await engine.deploy(threeLevels({ inner: '2', groups: ['H'] }));
    const happened = Object.entries(second.stacks[0]?.changes ?? {}).filter(([, change]) => change !== 'unchanged');
    expect(happened.map(([id, change]) => [id.replace(/\w+\//g, '/').replace(/\w{8}$/, ''), change])).toEqual([
      ['NNestedStackNNestedStackResource', 'updated'],
      ['/MNestedStackMNestedStackResource', 'updated'],
      ['//F', 'updated'],
      ['//H', 'created'],
      ['//G', 'retained'],
    ]);
    expect([...state.functions.values()][1]?.functionArn).toBe(inner?.functionArn);
    expect([...state.functions.values()][1]?.versions.get('$LATEST')).not.toBe(before);
    expect([...state.functions.values()][2]).toMatchObject({ functionName: top?.functionName });

    await expect(engine.destroy([nestedName])).rejects.toThrow("no stack 'P-N");
    await engine.deploy(synth((parent) => fn(parent)));
    expect(state.functions.size).toBe(1);
    await engine.deploy(threeLevels());
    await engine.destroy();
    expect([state.functions.size, state.roles.size, engine.allStacks()]).toEqual([0, 0, []]);
  });

  test('fail as one with their parent, which is what it was before', async () => {
    await engine.deploy(threeLevels());
    const before = snapshot();
    const failing = engine.deploy(threeLevels({ inner: '2', memorySize: 1, groups: [] }));
    const error: unknown = await failing.catch((reason: unknown) => reason);
    if (!isDeployError(error)) throw error;
    expect(error.message).toMatch(
      /^stack 'P' could not be updated: resource N\w+ \(AWS::CloudFormation::Stack at P\/N\.NestedStack\/.*stack 'P-N.*-M.*' could not be updated: resource F\w+ \(AWS::Lambda::Function at P\/N\/M\/F\/Resource\): property 'MemorySize' must be/,
    );
    expect(error.resource).toMatchObject({ constructPath: 'P/N/M/F/Resource', type: 'AWS::Lambda::Function' });
    expect(snapshot()).toEqual(before);
    expect((await engine.deploy(threeLevels())).stacks[0]?.status).toBe('unchanged');
  });

  test('keep what others import', async () => {
    const exporting = (value: string) =>
      synth((parent) => new CfnOutput(new NestedStack(parent, 'N'), 'O', { value, exportName: 'shared' }));
    await engine.deploy(exporting('1'));
    await deploy({ Q: stack({}, { Outputs: { O: { Value: { 'Fn::ImportValue': 'shared' } } } }) });
    expect(engine.stack('Q').outputs).toEqual({ O: '1' });
    await expect(engine.deploy(exporting('2'))).rejects.toThrow('Cannot update export shared as it is in use by Q.');
    await expect(engine.destroy(['P'])).rejects.toThrow('Cannot delete export shared as it is in use by Q.');
  });

  test.each([
    ['a template that is no asset', { templateUrl: 'https://example.com/t.json' }, 'its template is no asset of the'],
    ['a parameter that nobody asks for', { parameters: { x: '1', y: '2' } }, 'Parameters: [y] do not exist in the t'],
    ['a parameter without a value', {}, 'Parameters: [x] must have values'],
  ])('refuse %s', async (_, overrides: { templateUrl?: string; parameters?: Record<string, string> }, message) => {
    const directory = synth((parent) => {
      const nested = new NestedStack(parent, 'N');
      new CfnParameter(nested, 'x');
      const resource = nested.nestedStackResource as CfnStack;
      if (overrides.templateUrl) resource.addPropertyOverride('TemplateURL', overrides.templateUrl);
      resource.addPropertyOverride('Parameters', overrides.parameters ?? {});
    });
    await expect(engine.deploy(directory)).rejects.toThrow(message);
  });
});

describe('what a template says of itself', () => {
  const ruled = (words: string[]) =>
    synth((parent) => {
      const parameter = new CfnParameter(parent, 'Words', { type: 'CommaDelimitedList', default: words.join(',') });
      new CfnRule(parent, 'Known', {
        ruleCondition: Fn.conditionNot(Fn.conditionEachMemberEquals(parameter.valueAsList, 'all')),
        assertions: [
          {
            assert: Fn.conditionEachMemberIn(parameter.valueAsList, ['a', 'b']),
            assertDescription: 'Words must be a or b',
          },
        ],
      });
    });

  test('rules decide about its parameters', async () => {
    expect((await engine.deploy(ruled(['a', 'b', 'a']))).stacks).toHaveLength(1);
    expect((await engine.deploy(ruled(['all', 'all']))).stacks).toHaveLength(1);
    await expect(engine.deploy(ruled(['a', 'c']))).rejects.toThrow(
      "stack 'P' could not be updated: the rule 'Known' of the template does not hold: Words must be a or b",
    );
    const unknown = synth(
      (parent) =>
        new CfnRule(parent, 'R', { assertions: [{ assert: Fn.valueOf('P', 'A') as never, assertDescription: '' }] }),
    );
    await expect(engine.deploy(unknown)).rejects.toThrow("does not support the intrinsic function 'Fn::ValueOf'");
  });

  test('language extensions are spoken, macros are refused by name', async () => {
    const extended = synth((parent) => new CfnOutput(parent, 'N', { value: Fn.toJsonString({ a: [1] }) }));
    expect((await engine.deploy(extended)).stacks[0]?.outputs).toEqual({ N: '{"a":[1]}' });
    await expect(engine.deploy(synth((parent) => parent.addTransform('AWS::Serverless-2016-10-31')))).rejects.toThrow(
      "template macros: P has the Transform 'AWS::Serverless-2016-10-31'",
    );
    const included = synth((parent) => {
      const role = fn(parent).node.findChild('Resource') as lambda.CfnFunction;
      role.addPropertyOverride('Environment', { 'Fn::Transform': { Name: 'AWS::Include', Parameters: {} } });
    });
    await expect(engine.deploy(included)).rejects.toThrow("runs no macros: Fn::Transform asks for 'AWS::Include'");
  });
});
