/** Looks whether a grant through a function URL can ever be used: there must be such a URL, and it must ask for IAM. */
import { type CfnUrl, FunctionUrlAuthType, type IFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnResource, Stack } from 'aws-cdk-lib/core';
import { StreamingConstructError } from '../errors';
import { warn } from '../warnings';
import type { GrantTarget } from './grant-target';
import { stableText } from './stable-text';

const checked = new WeakSet<object>();

/** Throws at once for a public URL that is there already, and again at synth for one that came later. */
export function checkFunctionUrls(target: GrantTarget): void {
  const now = publicUrl(target);
  if (now) throw new StreamingConstructError(target.scope, 'GrantOnPublicUrl', onPublicUrl(now));
  if (checked.has(target.scope)) return;
  checked.add(target.scope);
  target.scope.node.addValidation({
    validate: () => {
      const late = publicUrl(target);
      if (late) return [onPublicUrl(late)];
      if (isDefinedHere(behind(target.fn)) && functionUrls(target).length === 0)
        warn(target.scope, 'GrantWithoutUrl', NO_URL);
      return [];
    },
  });
}

const NO_URL =
  'invokeUrl() grants calls through a function URL, but this app defines no URL for exactly this alias or function, ' +
  'and the grant does not cover calls over the Lambda API; add a URL to it, or grant invoke() instead';

function onPublicUrl(url: CfnUrl): string {
  return `the function URL ${url.node.path} has authType NONE and asks nobody for permission, so invokeUrl() would never be looked at; remove the grant, or set authType to AWS_IAM`;
}

function publicUrl(target: GrantTarget): CfnUrl | undefined {
  return functionUrls(target).find((url) => url.authType === FunctionUrlAuthType.NONE);
}

/** The function URLs in the app that open on exactly this alias or function. */
export function functionUrls(target: GrantTarget): CfnUrl[] {
  const name = qualifier(target);
  const arn = stableText(target.stack, behind(target.fn).functionArn);
  return target.scope.node.root.node.findAll().filter((node): node is CfnUrl => {
    if (!CfnResource.isCfnResource(node) || node.cfnResourceType !== 'AWS::Lambda::Url') return false;
    const url = node as CfnUrl;
    if (url.qualifier !== name) return false;
    return stableText(Stack.of(url), url.targetFunctionArn) === arn;
  });
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
