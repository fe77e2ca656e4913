/** A template that uses every resource type, and the promise that whatever is done to it is answered in plain words. */

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
    Environment: { Variables: { A: '1' } },
    Tags: [{ Key: 'k', Value: 'v' }],
  }) as unknown as Record<string, Json>),
  Version: { Type: 'AWS::Lambda::Version', Properties: { FunctionName: { Ref: 'Fn' } } },
  Live: {
    Type: 'AWS::Lambda::Alias',
    Properties: {
      Name: 'live',
      FunctionName: { Ref: 'Fn' },
      FunctionVersion: { 'Fn::GetAtt': ['Version', 'Version'] },
      RoutingConfig: { AdditionalVersionWeights: [{ FunctionVersion: '$LATEST', FunctionWeight: 0.1 }] },
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

export const TEMPLATE: Json = {
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
export const INTERNAL_WORDS =
  /is not a function|is not iterable|Cannot (read|convert|destructure|use)|undefined|\[object|Maximum call|JSON at position/;

/** Deploys damaged templates; each either deploys or is refused in words about the template, with nothing left behind. */
export function answersDamageInPlainWords(numRuns: number): void {
  const deploy = (template: Json) =>
    engine.deploy(writeAssembly({ S: { account: '111111111111', region: 'eu-west-1', template: template as object } }));
  deploy(TEMPLATE); // the whole one must deploy, else the rest shows nothing
  engine.destroy();
  fc.assert(
    fc.property(damaged(TEMPLATE), (template) => {
      try {
        deploy(template);
        engine.destroy();
      } catch (error) {
        const { name, message } = error as Error;
        expect({ name, message }).toEqual({
          name: expect.stringMatching(/^(Deploy|Assembly)Error$/),
          message: expect.not.stringMatching(INTERNAL_WORDS),
        });
        expect(message).toMatch(/"S"|\(S\/|: S\/|S: /);
        if (engine.stacks().length > 0) throw error; // it deployed and could not be destroyed
      } finally {
        removeFolders();
      }
      expect([state.functions.size, state.roles.size, state.logGroups.size, state.parameters.size]).toEqual([
        0, 0, 0, 0,
      ]);
    }),
    { numRuns },
  );
}
