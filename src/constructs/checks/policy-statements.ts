/** Reads the policy statements of an app: of roles, users and groups, managed policies, and Lambda resource policies. */
import type { CheckedApp } from './checked-app';
import { type QualifiedFunction, qualifiedFunction } from './qualified-function';
import {
  isObject,
  type Json,
  type JsonObject,
  listOf,
  member,
  type RenderedResource,
  textOf,
} from './rendered-resource';

export interface PolicyStatement {
  readonly at: RenderedResource['at'];
  readonly resource: RenderedResource;
  readonly statement: JsonObject;
  readonly actions: readonly string[];
  /** Who the statement belongs to, as a comparable text: the policy's roles, users and groups. */
  readonly holders: readonly Json[];
}

const IDENTITY_TYPES = [
  'AWS::IAM::Policy',
  'AWS::IAM::ManagedPolicy',
  'AWS::IAM::Role',
  'AWS::IAM::User',
  'AWS::IAM::Group',
];

/** Statements that say what a role, user or group may do. */
export function identityStatements(app: CheckedApp): readonly PolicyStatement[] {
  return app.once(readIdentityStatements);
}

function readIdentityStatements(app: CheckedApp): PolicyStatement[] {
  return app.ofType(...IDENTITY_TYPES).flatMap((resource) => {
    const { properties } = resource;
    const own = properties['PolicyDocument'];
    const inline = listOf(properties['Policies']).map((policy) => member(policy, 'PolicyDocument'));
    const attached = ['Roles', 'Users', 'Groups'].flatMap((key) => listOf(properties[key]));
    const holders = own ? attached : [{ Ref: resource.logicalId }];
    return [own, ...inline].flatMap((document) => statementsIn(resource, document, holders));
  });
}

/** Statements of `AWS::Lambda::ResourcePolicy`. */
export function resourcePolicyStatements(app: CheckedApp): PolicyStatement[] {
  return app
    .ofType('AWS::Lambda::ResourcePolicy')
    .flatMap((resource) => statementsIn(resource, resource.properties['PolicyDocument'], []));
}

/** Whether an action pattern such as `lambda:Invoke*` covers an action. */
function coversAction(pattern: string, action: string): boolean {
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replace(/\*/g, '.*').replace(/\?/g, '.')}$`, 'i').test(action);
}

export function allows(found: PolicyStatement, action: string): boolean {
  return found.statement['Effect'] === 'Allow' && found.actions.some((pattern) => coversAction(pattern, action));
}

/** The functions a statement is about, as far as the template tells. */
export function functionsOf(app: CheckedApp, found: PolicyStatement): QualifiedFunction[] {
  return listOf(found.statement['Resource'])
    .map((resource) => qualifiedFunction(app, found.resource.stack, resource))
    .filter((callee) => callee !== undefined);
}

function statementsIn(
  resource: RenderedResource,
  document: Json | undefined,
  holders: readonly Json[],
): PolicyStatement[] {
  return listOf(member(document, 'Statement'))
    .filter(isObject)
    .map((statement) => ({
      at: resource.at,
      resource,
      statement,
      actions: listOf(statement['Action'])
        .map(textOf)
        .filter((action) => action !== undefined),
      holders,
    }));
}
