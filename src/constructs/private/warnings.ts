/** Stable ids of the annotations: users acknowledge warnings by them, so they are public contract. */
import { Annotations } from 'aws-cdk-lib/core';
import type { IConstruct } from 'constructs';

const PREFIX = 'cdk-lambda-streaming';

/** The id by which a warning is acknowledged. */
export function warningId(id: string): string {
  return `${PREFIX}:${id}`;
}

/** A warning `cdk-lambda-streaming:<id>`; ends `cdk synth --strict`, can be acknowledged by its id. */
export function warn(scope: IConstruct, id: string, message: string): void {
  Annotations.of(scope).addWarningV2(warningId(id), message);
}

/** An information line: nothing is wrong, but somebody else still has to do their part. */
export function inform(scope: IConstruct, id: string, message: string): void {
  Annotations.of(scope).addInfoV2(`${PREFIX}:${id}`, message);
}
