/** Stable ids of the annotations: users acknowledge warnings by them, so they are public contract. */
import { Annotations, Stack } from 'aws-cdk-lib/core';
import type { IConstruct } from 'constructs';

const PREFIX = 'cdk-lambda-streaming';

/** The id by which a warning is acknowledged. */
export function warningId(id: string): string {
  return `${PREFIX}:${id}`;
}

/** A warning `cdk-lambda-streaming:<id>`; ends `cdk synth --strict`, can be acknowledged by its id. */
export function warn(scope: IConstruct, id: string, message: string): void {
  Annotations.of(withSourceLine(scope)).addWarningV2(warningId(id), message);
}

/** The CDK knows of resources only in which line of the source they are defined, and shows it in its validation report. */
function withSourceLine(scope: IConstruct): IConstruct {
  return Stack.isStack(scope) ? scope : (scope.node.defaultChild ?? scope);
}

/** An information line: nothing is wrong, but somebody else still has to do their part. */
export function inform(scope: IConstruct, id: string, message: string): void {
  Annotations.of(scope).addInfoV2(warningId(id), message);
}

/** Warns from a validation, unless `StreamingChecks`, whose validation may run earlier, has warned about the resource. */
export function warnLate(scope: IConstruct, id: string, message: string): void {
  if (!scope.node.findAll().some((node) => hasSaid(node, id))) warn(scope, id, message);
}

/** Whether a construct carries a warning of ours. */
export function hasSaid(node: IConstruct, id: string): boolean {
  const mark = `[ack: ${warningId(id)}]`;
  return node.node.metadata.some(({ data }) => typeof data === 'string' && data.includes(mark));
}
