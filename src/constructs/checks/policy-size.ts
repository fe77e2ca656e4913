/** More permissions on one ARN than Lambda keeps: the deployment fails, half way through the routes of an API. */
import type { CfnPermission } from 'aws-cdk-lib/aws-lambda';
import { CfnResource, Stage } from 'aws-cdk-lib/core';
import type { IConstruct } from 'constructs';
import { RESOURCE_POLICY_MAX_BYTES } from '../../wire/limits';
import { warn } from '../problems/warnings';
import { CheckedApp } from './checked-app';
import { type Permission, permissionsOf, policyKey, principalText } from './permissions';
import { flatten } from './qualified-function';
import { type Json, member, pathOf, textOf } from './rendered-resource';
import type { Finding, Rule } from './rule';

export const policyTooLarge: Rule = {
  id: 'PolicyTooLarge',
  *find(app: CheckedApp): Iterable<Finding> {
    const policies = new Map<string, Permission[]>();
    for (const permission of permissionsOf(app)) {
      if (!permission.callee?.fn) continue;
      const key = policyKey(permission.callee);
      policies.set(key, [...(policies.get(key) ?? []), permission]);
    }
    for (const permissions of policies.values()) {
      const bytes = EMPTY_POLICY_BYTES + permissions.reduce((sum, each) => sum + bytesOf(each), 0);
      const fn = permissions[0]?.callee?.fn;
      if (fn && bytes > RESOURCE_POLICY_MAX_BYTES)
        yield { at: fn.at, message: message(pathOf(fn), permissions, bytes) };
    }
  },
};

function message(fn: string, permissions: readonly Permission[], bytes: number): string {
  const routes = permissions.filter(({ principal }) => principalText(principal) === 'apigateway.amazonaws.com').length;
  const wayOut =
    routes > permissions.length / 2
      ? 'let the routes of an API share one: integration: { scopePermissionToMethod: false }, elsewhere a permission with the ARN of the whole API as source'
      : 'grant to accounts or to the organization instead of to each role, or spread the callers over several aliases';
  return (
    `${permissions.length} permissions on one ARN of the function ${fn} make a policy of about ${bytes} bytes, and Lambda keeps ${RESOURCE_POLICY_MAX_BYTES}, ` +
    `so the deployment fails; ${wayOut}`
  );
}

/** `{"Version":"2012-10-17","Id":"default","Statement":[]}` */
const EMPTY_POLICY_BYTES = 54;
/** Logical ids are part of the statement's id, with a suffix that CloudFormation makes. */
const SUFFIX = '-XXXXXXXXXXXX';
/** An account id, a region, the id of an API: what a template leaves open is about as long. */
const UNKNOWN = 'x'.repeat(12);

/** The statement as Lambda writes it. */
function bytesOf({ resource, action, principal }: Permission): number {
  const { properties, logicalId, stack } = resource;
  const text = (value: Json | undefined): string | undefined =>
    value === undefined
      ? undefined
      : flatten(value)
          .map((part) => (typeof part === 'string' ? part : lengthwise(part)))
          .join('');
  const condition = {
    ...(properties['SourceArn'] !== undefined && { ArnLike: { 'AWS:SourceArn': text(properties['SourceArn']) } }),
    ...(properties['SourceAccount'] !== undefined && {
      StringEquals: { 'AWS:SourceAccount': text(properties['SourceAccount']) },
    }),
  };
  const statement = {
    Sid: `${stack.stackName}-${logicalId}${SUFFIX}`,
    Effect: 'Allow',
    Principal: { AWS: text(principal) },
    Action: action,
    Resource: `arn:aws:lambda:eu-central-1:111111111111:function:${stack.stackName}-${UNKNOWN}${SUFFIX}:live`,
    ...(Object.keys(condition).length > 0 && { Condition: condition }),
  };
  return Buffer.byteLength(JSON.stringify(statement)) + 1;
}

function lengthwise(part: Json): string {
  return textOf(member(part, 'Ref')) === 'AWS::Partition' ? 'aws' : UNKNOWN;
}

const watched = new WeakSet<IConstruct>();

/** Fewer permissions than this fit into a policy, whatever they say. */
const FIT_ALWAYS = 30;

/** Looks once per app or stage, at synth, without `StreamingChecks` too; the resources are read only where many permissions meet. */
export function watchPolicySize(scope: IConstruct): void {
  const root = Stage.of(scope) ?? scope.node.root;
  if (watched.has(root)) return;
  watched.add(root);
  root.node.addValidation({
    validate: () => {
      if (mostOnOneFunction(root) < FIT_ALWAYS) return [];
      for (const { at, message: text } of policyTooLarge.find(CheckedApp.read(root))) warn(at, policyTooLarge.id, text);
      return [];
    },
  });
}

/** By the text of the ARN, which is one token for all permissions that were given on one construct. */
function mostOnOneFunction(root: IConstruct): number {
  const counts = new Map<string, number>();
  for (const node of root.node.findAll()) {
    if (!CfnResource.isCfnResource(node) || node.cfnResourceType !== 'AWS::Lambda::Permission') continue;
    const { functionName } = node as CfnPermission;
    counts.set(functionName, (counts.get(functionName) ?? 0) + 1);
  }
  return Math.max(0, ...counts.values());
}
