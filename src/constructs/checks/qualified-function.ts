/** Reads which function, and which of its qualifiers, an expression in a template means. */
import type { Stack } from 'aws-cdk-lib/core';
import type { CheckedApp, InStack } from './checked-app';
import { isObject, type Json, member, type RenderedResource, textOf } from './rendered-resource';

/** A function with the qualifier it is called by. */
export interface QualifiedFunction {
  /** Equal for equal functions, also across stacks. */
  readonly key: string;
  /** The function's resource, where the app defines it. */
  readonly fn?: RenderedResource;
  /** Alias name, version, `$LATEST`, or `*`; undefined for the unqualified function. */
  readonly qualifier?: string;
  /** Account of the function, where the app or the ARN says it. */
  readonly account?: string;
}

/** Stands for a part of a text that only the deployment knows. */
const UNKNOWN = '?';

/** Longer than any way from an expression to its function; templates that refer to themselves go on for ever. */
const MOST_STEPS = 20;

/** The callee of an ARN, name, `Ref`, `Fn::GetAtt`, `Fn::ImportValue` or a join of them; undefined where the template does not tell. */
export function qualifiedFunction(
  app: CheckedApp,
  stack: Stack,
  expression: Json | undefined,
  steps = 0,
): QualifiedFunction | undefined {
  if (steps > MOST_STEPS) return undefined;
  const parts = flatten(expression);
  const [first, ...rest] = parts;
  if (first === undefined) return undefined;
  if (isObject(first) && !isPseudo(first)) return withSuffix(reference(app, stack, first, steps), rest);
  const text = parts.map((part) => (typeof part === 'string' ? part : (pseudoText(stack, part) ?? UNKNOWN))).join('');
  return text.includes(UNKNOWN) ? undefined : fromText(app, stack, text);
}

/** The function in an API Gateway integration URI that asks for a stream. */
export function functionInStreamUri(
  app: CheckedApp,
  stack: Stack,
  uri: Json | undefined,
): QualifiedFunction | undefined {
  return functionInUri(app, stack, uri, '/response-streaming-invocations');
}

/** The function in an API Gateway integration URI that asks for a whole response. */
export function functionInBufferedUri(
  app: CheckedApp,
  stack: Stack,
  uri: Json | undefined,
): QualifiedFunction | undefined {
  return functionInUri(app, stack, uri, '/invocations');
}

/** `arn:…:lambda:path/2021-11-15/functions/<function>/<ending>`: what stands between the two slashes. */
function functionInUri(
  app: CheckedApp,
  stack: Stack,
  uri: Json | undefined,
  ending: string,
): QualifiedFunction | undefined {
  const parts = flatten(uri);
  const start = parts.findIndex((part) => typeof part === 'string' && part.includes('/functions/'));
  if (start < 0) return undefined;
  const [first, ...rest] = parts.slice(start);
  const text = textOf(first) ?? '';
  const between: Json[] = [text.slice(text.indexOf('/functions/') + '/functions/'.length), ...rest];
  const last = between[between.length - 1];
  if (typeof last !== 'string' || !last.endsWith(ending)) return undefined;
  between[between.length - 1] = last.slice(0, -ending.length);
  return qualifiedFunction(app, stack, { 'Fn::Join': ['', between.filter((part) => part !== '')] });
}

/** Follows one intrinsic function to what it stands for: here, in another stack, in a parent or a nested one. */
function reference(app: CheckedApp, stack: Stack, intrinsic: Json, steps: number): QualifiedFunction | undefined {
  const follow = (found: InStack | undefined) => found && qualifiedFunction(app, found.stack, found.value, steps + 1);
  const imported = textOf(member(intrinsic, 'Fn::ImportValue'));
  if (imported !== undefined) return follow(app.export(imported));
  const attribute = member(intrinsic, 'Fn::GetAtt');
  const [holder, name] = Array.isArray(attribute) ? (attribute as readonly Json[]).map(textOf) : [];
  const logicalId = holder ?? textOf(member(intrinsic, 'Ref'));
  if (logicalId === undefined) return undefined;
  const resource = app.byLogicalId(stack, logicalId);
  if (!resource) return follow(app.parameter(stack, logicalId));
  const output = resource.type === 'AWS::CloudFormation::Stack' ? /^Outputs\.(.*)$/.exec(name ?? '')?.[1] : undefined;
  return output ? follow(app.nestedOutput(resource, output)) : ofResource(app, resource, steps);
}

function ofResource(app: CheckedApp, resource: RenderedResource, steps: number): QualifiedFunction | undefined {
  const { properties, stack, logicalId } = resource;
  const of = (property: string, qualifier: string | undefined) =>
    qualified(qualifiedFunction(app, stack, properties[property], steps + 1), qualifier);
  switch (resource.type) {
    case 'AWS::Lambda::Function':
      return { key: `${stack.node.addr}/${logicalId}`, fn: resource, account: literalAccount(stack) };
    case 'AWS::Lambda::Alias':
      return of('FunctionName', textOf(properties['Name']) ?? logicalId);
    case 'AWS::Lambda::Version':
      return of('FunctionName', `version ${logicalId}`);
    case 'AWS::Lambda::Url':
      return of('TargetFunctionArn', textOf(properties['Qualifier']));
    default:
      return undefined;
  }
}

function fromText(app: CheckedApp, stack: Stack, text: string): QualifiedFunction | undefined {
  const arn = text.split(':');
  if (arn[0] === 'arn') {
    const [, , service, , account, , name, qualifier] = arn;
    if (service !== 'lambda' || !name) return undefined;
    return qualified(
      named(app, name, account || undefined) ?? { key: arn.slice(0, 7).join(':'), account: account || undefined },
      qualifier,
    );
  }
  const [name, qualifier] = arn;
  if (!name || name.includes('*')) return undefined;
  return qualified(
    named(app, name, literalAccount(stack)) ?? { key: `name ${name}`, account: literalAccount(stack) },
    qualifier,
  );
}

/** The function of the app with this physical name in this account. */
function named(app: CheckedApp, name: string, account: string | undefined): QualifiedFunction | undefined {
  const fn = app.resources.find(
    ({ type, properties, stack }) =>
      type === 'AWS::Lambda::Function' &&
      properties['FunctionName'] === name &&
      (account === undefined || literalAccount(stack) === undefined || literalAccount(stack) === account),
  );
  return fn && ofResource(app, fn, 0);
}

function qualified(
  callee: QualifiedFunction | undefined,
  qualifier: string | undefined,
): QualifiedFunction | undefined {
  return callee && (qualifier ? { ...callee, qualifier } : callee);
}

function withSuffix(callee: QualifiedFunction | undefined, rest: readonly Json[]): QualifiedFunction | undefined {
  if (!callee || rest.length === 0) return callee;
  const suffix = rest.every((part) => typeof part === 'string') ? rest.join('') : undefined;
  return suffix?.startsWith(':') ? qualified(callee, suffix.slice(1)) : undefined;
}

/** Joins opened up, neighbouring strings merged: what remains is text and intrinsic functions in order. */
export function flatten(expression: Json | undefined): Json[] {
  if (expression === undefined || expression === null) return [];
  const join = member(expression, 'Fn::Join');
  if (!Array.isArray(join) || join[0] !== '' || !Array.isArray(join[1])) return [expression];
  const parts: Json[] = [];
  for (const part of (join[1] as readonly Json[]).flatMap(flatten)) {
    const last = parts[parts.length - 1];
    if (typeof part === 'string' && typeof last === 'string') parts[parts.length - 1] = last + part;
    else parts.push(part);
  }
  return parts;
}

function isPseudo(part: Json): boolean {
  return textOf(member(part, 'Ref'))?.startsWith('AWS::') ?? false;
}

function pseudoText(stack: Stack, part: Json): string | undefined {
  switch (textOf(member(part, 'Ref'))) {
    case 'AWS::Partition':
      return 'aws';
    case 'AWS::Region':
      return stack.region;
    case 'AWS::AccountId':
      return literalAccount(stack) ?? '';
    default:
      return undefined;
  }
}

/** The account of a stack where it is a plain number and not decided at deployment. */
export function literalAccount(stack: Stack): string | undefined {
  return /^\d{12}$/.test(stack.account) ? stack.account : undefined;
}
