/** Stable ids of the annotations: users acknowledge warnings by them, so they are public contract. */
import { Annotations } from 'aws-cdk-lib/core';
import type { IConstruct } from 'constructs';

const PREFIX = 'cdk-lambda-streaming';

/** A warning `cdk-lambda-streaming:<id>`; ends `cdk synth --strict`, can be acknowledged by its id. */
export function warn(scope: IConstruct, id: string, message: string): void {
  Annotations.of(scope).addWarningV2(`${PREFIX}:${id}`, message);
}

/** An information line: nothing is wrong, but somebody else still has to do their part. */
export function inform(scope: IConstruct, id: string, message: string): void {
  Annotations.of(scope).addInfoV2(`${PREFIX}:${id}`, message);
}

/** Warns from a validation, unless `StreamingChecks`, whose validation may run before, has said it of the construct's resource. */
export function warnLate(scope: IConstruct, id: string, message: string): void {
  if (!scope.node.findAll().some((node) => hasSaid(node, id))) warn(scope, id, message);
}

/** Whether a construct carries a warning of ours. */
export function hasSaid(node: IConstruct, id: string): boolean {
  const mark = `[ack: ${PREFIX}:${id}]`;
  return node.node.metadata.some(({ data }) => typeof data === 'string' && data.includes(mark));
}
