/** Looks whether a grant through a function URL can ever be used: there must be such a URL, and it must ask for IAM. */
import { type CfnUrl, FunctionUrlAuthType } from 'aws-cdk-lib/aws-lambda';
import { CfnResource, Stack } from 'aws-cdk-lib/core';
import type { IConstruct } from 'constructs';
import { isDefinedHere } from '../facts/invoked-function';
import { stableText } from '../facts/stable-text';
import { StreamingConstructError } from '../problems/construct-error';
import { warn } from '../problems/warnings';
import type { GrantedFunction } from './granted-function';

/** Checked together, so that an app is searched once per stack and not once per grant. */
const functionsOf = new WeakMap<Stack, Map<IConstruct, GrantedFunction>>();

/** @throws StreamingConstructError for a public URL that the function itself has defined; others are found at synth */
export function checkFunctionUrls(granted: GrantedFunction): void {
  const now = publicUrl(functionUrls(granted, urlsBelow(granted.behind)));
  if (now) throw new StreamingConstructError(granted.scope, 'GrantOnPublicUrl', onPublicUrl(now));
  const known = functionsOf.get(granted.stack);
  if (known) {
    known.set(granted.scope, granted);
    return;
  }
  const grantedHere = new Map([[granted.scope as IConstruct, granted]]);
  functionsOf.set(granted.stack, grantedHere);
  granted.stack.node.addValidation({
    validate: () => {
      const all = urlsBelow(granted.stack.node.root);
      return [...grantedHere.values()].flatMap((each) => checkAtSynth(each, functionUrls(each, all)));
    },
  });
}

function checkAtSynth(granted: GrantedFunction, urls: readonly CfnUrl[]): string[] {
  const late = publicUrl(urls);
  if (late) return [`${granted.scope.node.path}: ${onPublicUrl(late)}`];
  if (isDefinedHere(granted.behind) && urls.length === 0) warn(granted.scope, 'GrantWithoutUrl', NO_URL);
  return [];
}

const NO_URL =
  'invokeUrl() grants calls through a function URL, but this app defines no URL for exactly this alias or function, ' +
  'and the grant does not cover calls over the Lambda API; add a URL to it, or grant invoke() instead';

function onPublicUrl(url: CfnUrl): string {
  return `the function URL ${url.node.path} has authType NONE and asks nobody for permission, so invokeUrl() would never be looked at; remove the grant, or set authType to AWS_IAM`;
}

function publicUrl(urls: readonly CfnUrl[]): CfnUrl | undefined {
  return urls.find((url) => url.authType === FunctionUrlAuthType.NONE);
}

/** Those of `urls` that open on exactly this alias or function. */
export function functionUrls(granted: GrantedFunction, urls: readonly CfnUrl[]): CfnUrl[] {
  const { stack, behind, qualifier } = granted;
  const arn = stableText(stack, unqualified(behind.functionArn));
  return urls.filter((url) => url.qualifier === qualifier && stableText(Stack.of(url), url.targetFunctionArn) === arn);
}

export function urlsBelow(scope: IConstruct): CfnUrl[] {
  return scope.node
    .findAll()
    .filter((node): node is CfnUrl => CfnResource.isCfnResource(node) && node.cfnResourceType === 'AWS::Lambda::Url');
}

/** An imported ARN may hold the qualifier, which a URL's resource keeps apart. */
function unqualified(arn: string): string {
  return arn.startsWith('arn:') ? arn.split(':').slice(0, 7).join(':') : arn;
}
