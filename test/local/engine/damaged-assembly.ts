/** An assembly that uses every resource type, and the promise that whatever is done to it is answered in plain words. */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { damaged, type Json } from './damage';
import { engine, state } from './engine-fixture';
import { functionResources, removeFolders, TRUST, writeAssembly } from './write-assembly';

const ALLOW = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'a:b', Resource: '*', Condition: { Bool: { k: true } } }],
};
const live = { Ref: 'Live' };

const RESOURCES: Json = {
  ...(functionResources({
    FunctionName: 'f',
    Timeout: 3,
    Environment: { Variables: { NAME: '1' } },
    Tags: [{ Key: 'k', Value: 'v' }],
  }) as unknown as Record<string, Json>),
  Version: { Type: 'AWS::Lambda::Version', Properties: { FunctionName: { Ref: 'Fn' } } },
  Live: {
    Type: 'AWS::Lambda::Alias',
    Properties: {
      Name: 'live',
      FunctionName: { Ref: 'Fn' },
      FunctionVersion: { 'Fn::GetAtt': ['Version', 'Version'] },
      RoutingConfig: { AdditionalVersionWeights: [] },
    },
  },
  Caller: {
    Type: 'AWS::IAM::Role',
    Properties: {
      AssumeRolePolicyDocument: TRUST,
      ManagedPolicyArns: [{ Ref: 'Managed' }],
      Policies: [{ PolicyName: 'p', PolicyDocument: ALLOW }],
    },
  },
  Managed: { Type: 'AWS::IAM::ManagedPolicy', Properties: { PolicyDocument: ALLOW, Roles: [{ Ref: 'Role' }] } },
  Policy: {
    Type: 'AWS::IAM::Policy',
    Properties: { PolicyName: 'q', PolicyDocument: ALLOW, Roles: [{ Ref: 'Caller' }] },
  },
  Grant: {
    Type: 'AWS::Lambda::Permission',
    Properties: { Action: 'lambda:InvokeFunction', FunctionName: live, Principal: { 'Fn::GetAtt': ['Caller', 'Arn'] } },
    DependsOn: ['Policy'],
  },
  Statements: {
    Type: 'AWS::Lambda::ResourcePolicy',
    Properties: {
      ResourceArn: { 'Fn::GetAtt': ['Fn', 'Arn'] },
      PolicyDocument: {
        Statement: [{ Effect: 'Allow', Principal: { AWS: ['222222222222'] }, Action: 'lambda:*', Resource: '*' }],
      },
    },
  },
  Url: {
    Type: 'AWS::Lambda::Url',
    Properties: {
      AuthType: 'AWS_IAM',
      Cors: { AllowOrigins: ['*'] },
      Qualifier: 'live',
      TargetFunctionArn: { Ref: 'Fn' },
    },
    DependsOn: 'Live',
  },
  Async: { Type: 'AWS::Lambda::EventInvokeConfig', Properties: { FunctionName: { Ref: 'Fn' }, Qualifier: '$LATEST' } },
  Log: { Type: 'AWS::Logs::LogGroup', Properties: { RetentionInDays: 7 }, Condition: 'Yes' },
  Value: {
    Type: 'AWS::SSM::Parameter',
    Properties: { Name: '/n', Type: 'String', Value: { 'Fn::Join': ['', ['a', live]] } },
  },
  Alarm: { Type: 'AWS::CloudWatch::Alarm', Properties: { AlarmName: 'alarm' } },
};

const TEMPLATE: Json = {
  Resources: RESOURCES,
  Parameters: { Name: { Type: 'String', Default: 'n' } },
  Conditions: { Yes: { 'Fn::Equals': ['a', 'a'] } },
  Mappings: { M: { a: { b: 'c' } } },
  Outputs: {
    Out: { Value: { 'Fn::Sub': '$' + '{Live}' }, Export: { Name: 'e' } },
    Map: { Value: { 'Fn::FindInMap': ['M', 'a', 'b'] } },
  },
};

/** Words of JavaScript and of nobody's template. */
const INTERNAL_WORDS =
  /is not a function|is not iterable|Cannot (read|convert|destructure|use)|undefined(?! resource)|\[object|Maximum call|JSON at position/;

const ENV = { account: '111111111111', region: 'eu-west-1' };

/** Deploys and destroys what may be damaged; a refusal must be in words about the assembly, and leave nothing behind. */
async function deployAndDestroy(directory: string): Promise<string | undefined> {
  let refusal: string | undefined;
  try {
    await engine.deploy(directory);
    await engine.destroy();
  } catch (error) {
    const { name, message } = error as Error;
    expect({ name, message }).toEqual({
      name: expect.stringMatching(/^(Deploy|Assembly)Error$/),
      message: expect.not.stringMatching(INTERNAL_WORDS),
    });
    if (engine.stacks().length > 0) await engine.destroy(); // an earlier stack stays, as it should
    refusal = message;
  }
  expect([state.functions.size, state.roles.size, state.logGroups.size, state.parameters.size]).toEqual([0, 0, 0, 0]);
  return refusal;
}

function writeWhole(template: Json = TEMPLATE): string {
  const assets = { h: { path: 'code', packaging: 'zip' } } as const;
  const stacks = { S: { ...ENV, template: template as object }, T: { dependencies: ['S'], template: {} } };
  return writeAssembly(stacks, { 'code/index.js': '' }, assets);
}

/** Damages the template. A refusal names the stack. */
export async function damageTemplates(numRuns: number): Promise<void> {
  expect(await deployAndDestroy(writeWhole())).toBeUndefined(); // else the rest shows nothing
  const property = fc.asyncProperty(damaged(TEMPLATE), async (template) => {
    const refusal = await deployAndDestroy(writeWhole(template));
    if (refusal !== undefined) expect(refusal).toMatch(/'S'|\(S\/|: S\/|S: /);
    removeFolders();
  });
  await fc.assert(property, { numRuns });
}

/** Damages the manifest or the asset manifest. */
export async function damageManifests(numRuns: number): Promise<void> {
  const directory = writeWhole();
  for (const file of ['manifest.json', 'assets.json']) {
    const whole = readFileSync(join(directory, file), 'utf8');
    const property = fc.asyncProperty(damaged(JSON.parse(whole) as Json), async (content) => {
      writeFileSync(join(directory, file), JSON.stringify(content));
      await deployAndDestroy(directory);
    });
    await fc.assert(property, { numRuns });
    writeFileSync(join(directory, file), whole);
  }
}
