import { Match, Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { App, Stack } from 'aws-cdk-lib/core';
import { StreamingFunction } from 'cdk-lambda-streaming';

const CODE = lambda.Code.fromInline('exports.handler = () => {};');

function stackIn(account: string, app = new App()): Stack {
  return new Stack(app, `Stack${account.slice(0, 1)}`, { env: { account, region: 'us-east-1' } });
}

describe('StreamingFunction', () => {
  test('defaults: newest Node.js, one minute, an alias on a version, a log group and a role that may only write to it', () => {
    const stack = stackIn('111111111111');
    new StreamingFunction(stack, 'Chat', { code: CODE });
    const template = Template.fromStack(stack);

    template.hasResourceProperties('AWS::Lambda::Function', {
      Runtime: 'nodejs24.x',
      Timeout: 60,
      FunctionName: Match.absent(),
      LoggingConfig: { LogGroup: { Ref: Match.stringLikeRegexp('^ChatLogGroup') } },
    });
    template.hasResourceProperties('AWS::Lambda::Alias', {
      FunctionName: { Ref: Match.stringLikeRegexp('^Chat[0-9A-F]{8}$') },
      FunctionVersion: { 'Fn::GetAtt': [Match.stringLikeRegexp('^ChatCurrentVersion'), 'Version'] },
      Name: 'live',
    });
    template.hasResourceProperties('AWS::IAM::Role', { ManagedPolicyArns: Match.absent() });
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: [
          {
            Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
            Effect: 'Allow',
            Resource: { 'Fn::GetAtt': [Match.stringLikeRegexp('^ChatLogGroup'), 'Arn'] },
          },
        ],
      },
    });
  });

  test('grants a role of the same account by one identity statement on the alias', () => {
    const stack = stackIn('111111111111');
    const role = new iam.Role(stack, 'Caller', { assumedBy: new iam.AccountRootPrincipal() });
    new StreamingFunction(stack, 'Chat', { code: CODE }).streamGrants.invoke(role);

    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: [
          { Action: 'lambda:InvokeFunction', Effect: 'Allow', Resource: { Ref: Match.stringLikeRegexp('^ChatLive') } },
        ],
      },
      Roles: [{ Ref: Match.stringLikeRegexp('^Caller') }],
    });
    template.resourceCountIs('AWS::Lambda::Permission', 0);
  });
});
