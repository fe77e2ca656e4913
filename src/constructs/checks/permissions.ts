/** Reads the statements of Lambda resource policies that are written as `AWS::Lambda::Permission`. */
import type { CheckedApp } from './checked-app';
import { type QualifiedFunction, qualifiedFunction } from './qualified-function';
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
  readonly callee?: QualifiedFunction;
}

export function permissionsOf(app: CheckedApp): readonly Permission[] {
  return app.once(readPermissions);
}

/** Permissions on the same resource policy as `callee`. */
export function permissionsOn(app: CheckedApp, callee: QualifiedFunction): readonly Permission[] {
  return app.once(byPolicy).get(policyKey(callee)) ?? [];
}

function byPolicy(app: CheckedApp): Map<string, Permission[]> {
  const grouped = new Map<string, Permission[]>();
  for (const permission of permissionsOf(app)) {
    if (!permission.callee) continue;
    const key = policyKey(permission.callee);
    grouped.set(key, [...(grouped.get(key) ?? []), permission]);
  }
  return grouped;
}

function readPermissions(app: CheckedApp): Permission[] {
  return app.ofType('AWS::Lambda::Permission').map((resource) => ({
    at: resource.at,
    resource,
    action: textOf(resource.properties['Action']) ?? '',
    principal: resource.properties['Principal'],
    callee: qualifiedFunction(app, resource.stack, resource.properties['FunctionName']),
  }));
}

/** Equal for two callees whose resource policy is the same one: policies belong to a qualifier. */
export function policyKey(callee: QualifiedFunction): string {
  return `${callee.key} ${callee.qualifier ?? ''}`;
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
