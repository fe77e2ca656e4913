/** Reads the statements of Lambda resource policies that are written as `AWS::Lambda::Permission`. */
import type { App } from './app';
import { type LambdaTarget, lambdaTarget } from './lambda-target';
import { type Json, member, type RenderedResource, textOf } from './rendered-resource';

export const INVOKE = 'lambda:InvokeFunction';
export const INVOKE_URL = 'lambda:InvokeFunctionUrl';

export interface Permission {
  readonly at: RenderedResource['at'];
  readonly resource: RenderedResource;
  readonly action: string;
  /** Account, ARN, service or `*`, as written. */
  readonly principal: Json | undefined;
  /** Undefined where the function cannot be told from the template. */
  readonly target?: LambdaTarget;
}

export function permissionsOf(app: App): readonly Permission[] {
  return app.once(readPermissions);
}

/** Permissions on the same resource policy as `target`. */
export function permissionsOn(app: App, target: LambdaTarget): readonly Permission[] {
  return app.once(byPolicy).get(policyKey(target)) ?? [];
}

function byPolicy(app: App): Map<string, Permission[]> {
  const grouped = new Map<string, Permission[]>();
  for (const permission of permissionsOf(app)) {
    if (!permission.target) continue;
    const key = policyKey(permission.target);
    grouped.set(key, [...(grouped.get(key) ?? []), permission]);
  }
  return grouped;
}

function readPermissions(app: App): Permission[] {
  return app.ofType('AWS::Lambda::Permission').map((resource) => ({
    at: resource.at,
    resource,
    action: textOf(resource.properties['Action']) ?? '',
    principal: resource.properties['Principal'],
    target: lambdaTarget(app, resource.stack, resource.properties['FunctionName']),
  }));
}

/** Equal for two targets whose resource policy is the same one: policies belong to a qualifier. */
export function policyKey(target: LambdaTarget): string {
  return `${target.key} ${target.qualifier ?? ''}`;
}

/** A principal's text with the partition spelled out, where it is written in one. */
export function principalText(principal: Json | undefined): string | undefined {
  const join = member(principal, 'Fn::Join');
  if (!Array.isArray(join) || !Array.isArray(join[1])) return textOf(principal);
  const parts = (join[1] as readonly Json[]).map((part) => {
    return textOf(part) ?? (textOf(member(part, 'Ref')) === 'AWS::Partition' ? 'aws' : undefined);
  });
  return parts.includes(undefined) ? undefined : parts.join('');
}
