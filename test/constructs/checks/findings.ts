/** The rig: define an app of plain CDK constructs, get the findings of one rule as `path: message`. */
import * as apigateway from 'aws-cdk-lib/aws-apigateway';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { App, Aspects, type CfnResource, Duration, Stack } from 'aws-cdk-lib/core';
import { StreamingChecks } from 'cdk-lambda-streaming';

export const ACCOUNT_A = '111111111111';
export const ACCOUNT_B = '222222222222';
export const { NODEJS_24_X, PYTHON_3_13 } = lambda.Runtime;
export const { RESPONSE_STREAM } = lambda.InvokeMode;

/** Findings of `rule` in an app with one stack, or with the stacks that `define` adds to it. */
export function findings(rule: string, define: (stack: Stack, app: App) => void): string[] {
  const app = new App();
  define(stackIn(app, ACCOUNT_A), app);
  return findingsIn(app, rule);
}

/** Findings of `rule`, or of all rules, in an app. */
export function findingsIn(app: App, rule?: string): string[] {
  Aspects.of(app).add(new StreamingChecks());
  return app
    .synth()
    .stacks.flatMap((artifact) =>
      artifact.messages
        .filter(({ entry }) =>
          String(entry.data).includes(`[ack: cdk-lambda-streaming:${rule ?? ''}${rule ? ']' : ''}`),
        )
        .map(({ id, entry }) => `${id}: ${String(entry.data)}`),
    );
}

export function stackIn(app: App, account: string, id = `Stack${account.charAt(0)}`): Stack {
  return new Stack(app, id, { env: { account, region: 'eu-west-1' } });
}

export function fnIn(stack: Stack, props: Partial<lambda.FunctionProps> = {}): lambda.Function {
  const code = lambda.Code.fromInline('exports.handler = () => {};');
  return new lambda.Function(stack, 'Fn', { runtime: NODEJS_24_X, handler: 'index.handler', code, ...props });
}

/** A function with a streaming URL on its alias `live`, all of plain CDK. */
export function urlIn(stack: Stack, props: Partial<lambda.FunctionProps> = {}, authType?: lambda.FunctionUrlAuthType) {
  const fn = fnIn(stack, props);
  const alias = fn.addAlias('live');
  return { fn, alias, url: alias.addFunctionUrl({ invokeMode: RESPONSE_STREAM, authType }) };
}

/** Takes a resource out of what a construct defined. */
export function without(scope: Stack, matches: (resource: CfnResource) => boolean): void {
  for (const node of scope.node.findAll()) {
    if ('cfnResourceType' in node && matches(node as CfnResource)) node.node.scope?.node.tryRemoveChild(node.node.id);
  }
}

export const STREAM = { responseTransferMode: apigateway.ResponseTransferMode.STREAM };
export const REGIONAL = { endpointConfiguration: { types: [apigateway.EndpointType.REGIONAL] } };

/** A plain REST API that streams from the alias of a plain function. */
export function restIn(
  stack: Stack,
  {
    api = REGIONAL as apigateway.RestApiProps,
    integration = {} as apigateway.LambdaIntegrationOptions,
    fn = {} as Partial<lambda.FunctionProps>,
  } = {},
): lambda.Alias {
  const alias = fnIn(stack, fn).addAlias('live');
  const options = { ...STREAM, timeout: Duration.minutes(15), ...integration };
  new apigateway.RestApi(stack, 'Api', api).root.addMethod('GET', new apigateway.LambdaIntegration(alias, options));
  return alias;
}

export function roleIn(stack: Stack, roleName?: string): iam.Role {
  return new iam.Role(stack, 'Caller', { assumedBy: new iam.AccountRootPrincipal(), roleName });
}

export function allow(role: iam.Role, actions: string[], ...resources: string[]): void {
  role.addToPolicy(new iam.PolicyStatement({ actions, resources }));
}
