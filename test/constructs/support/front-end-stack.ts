/** A stack with one plain CDK function and alias, and what the front end tests ask of its template. */
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { App, Duration, Stack } from 'aws-cdk-lib/core';

export const ACCOUNT = '111111111111';
export const REGION = 'eu-west-1';
export const CODE = lambda.Code.fromInline('exports.handler = () => {};');

export class FrontEndStack extends Stack {
  public readonly fn: lambda.Function;
  public readonly alias: lambda.Alias;

  public constructor(options: Partial<lambda.FunctionProps> = {}, app = new App(), id = 'FrontEnds') {
    super(app, id, { env: { account: ACCOUNT, region: REGION } });
    this.fn = new lambda.Function(this, 'Fn', {
      runtime: lambda.Runtime.NODEJS_24_X,
      handler: 'index.handler',
      code: CODE,
      timeout: Duration.minutes(2),
      ...options,
    });
    this.alias = this.fn.addAlias('live');
  }

  public get template(): Template {
    return Template.fromStack(this);
  }

  /** Texts of all warnings of ours with this rule's id. */
  public warnings(rule: string): string[] {
    this.template; // runs validations, where late warnings are given
    return Annotations.fromStack(this)
      .findWarning('*', Match.stringLikeRegexp(`\\[ack: cdk-lambda-streaming:${rule}\\]`))
      .map((found) => String(found.entry.data));
  }
}

export const ALIAS = { Ref: Match.stringLikeRegexp('^FnAliaslive') };

/** The construct error's code and message, or a failure where nothing is thrown. */
export function errorOf(define: () => unknown): { code: string; message: string } {
  try {
    define();
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    return { code: code ?? 'none', message };
  }
  throw new Error('expected an error, and nothing was thrown');
}

/** Both permissions that a caller of a function URL needs on the alias; a stack with one of them answers 403. */
export function expectUrlPermissions(template: Template, common: object, authType: 'AWS_IAM' | 'NONE'): void {
  template.hasResourceProperties('AWS::Lambda::Permission', {
    ...common,
    Action: 'lambda:InvokeFunctionUrl',
    FunctionUrlAuthType: authType,
  });
  template.hasResourceProperties('AWS::Lambda::Permission', {
    ...common,
    Action: 'lambda:InvokeFunction',
    InvokedViaFunctionUrl: true,
  });
}
