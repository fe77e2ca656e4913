/** Looks whether a grant through a function URL can ever be used: there must be such a URL, and it must ask for IAM. */
import { type CfnUrl, FunctionUrlAuthType, type IFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnResource, Stack } from 'aws-cdk-lib/core';
import type { IConstruct } from 'constructs';
import { StreamingConstructError } from '../errors';
import { warn } from '../warnings';
import type { GrantTarget } from './grant-target';
import { stableText } from './stable-text';

/** Checked together, so that an app is searched once per stack and not once per grant. */
const targetsOf = new WeakMap<Stack, Map<IConstruct, GrantTarget>>();

/** Throws at once for a public URL the function itself has defined; all others are found at synth. */
export function checkFunctionUrls(target: GrantTarget): void {
  const now = publicUrl(functionUrls(target, urlsBelow(behind(target.fn))));
  if (now) throw new StreamingConstructError(target.scope, 'GrantOnPublicUrl', onPublicUrl(now));
  const known = targetsOf.get(target.stack);
  if (known) {
    known.set(target.scope, target);
    return;
  }
  const targets = new Map([[target.scope as IConstruct, target]]);
  targetsOf.set(target.stack, targets);
  target.stack.node.addValidation({
    validate: () => {
      const all = urlsBelow(target.stack.node.root);
      return [...targets.values()].flatMap((each) => checkAtSynth(each, functionUrls(each, all)));
    },
  });
}

function checkAtSynth(target: GrantTarget, urls: readonly CfnUrl[]): string[] {
  const late = publicUrl(urls);
  if (late) return [`${target.scope.node.path}: ${onPublicUrl(late)}`];
  if (isDefinedHere(behind(target.fn)) && urls.length === 0) warn(target.scope, 'GrantWithoutUrl', NO_URL);
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
export function functionUrls(target: GrantTarget, urls: readonly CfnUrl[]): CfnUrl[] {
  const name = qualifier(target);
  const arn = stableText(target.stack, behind(target.fn).functionArn);
  return urls.filter((url) => url.qualifier === name && stableText(Stack.of(url), url.targetFunctionArn) === arn);
}

export function urlsBelow(scope: IConstruct): CfnUrl[] {
  return scope.node
    .findAll()
    .filter((node): node is CfnUrl => CfnResource.isCfnResource(node) && node.cfnResourceType === 'AWS::Lambda::Url');
}

function qualifier(target: GrantTarget): string | undefined {
  return 'aliasName' in target.fn ? String(target.fn.aliasName) : undefined;
}

function behind(fn: IFunction): IFunction {
  return 'lambda' in fn ? (fn.lambda as IFunction) : fn;
}

function isDefinedHere(fn: IFunction): boolean {
  return fn.node.defaultChild !== undefined && CfnResource.isCfnResource(fn.node.defaultChild);
}
