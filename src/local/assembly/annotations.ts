/**
 * What constructs had to say at synth: `Annotations.of(scope).addWarningV2()` and `addError()`. The `cdk` CLI prints the
 * one and refuses to deploy for the other (https://docs.aws.amazon.com/cdk/v2/guide/toolkit.html).
 */

import { AssemblyError } from '../local-error';
import { ownMember } from '../own-member';
import type { Metadata } from './manifest';

export interface Annotation {
  readonly level: 'warning' | 'error';
  /** Construct path, for example `Prod/Api/Handler`. */
  readonly constructPath: string;
  readonly message: string;
}

interface Annotated {
  readonly annotations: readonly Annotation[];
}

const LEVELS: Readonly<Record<string, Annotation['level']>> = {
  'aws:cdk:warning': 'warning',
  'aws:cdk:error': 'error',
};

export function annotationsIn(metadata: Metadata): Annotation[] {
  return Object.entries(metadata).flatMap(([path, entries]) =>
    entries.flatMap(({ type, data }) => {
      const level = ownMember(LEVELS, type);
      return level === undefined ? [] : [{ level, constructPath: path.slice(1), message: String(data) }];
    }),
  );
}

/** @throws AssemblyError where a construct of these stacks added an error: `cdk deploy` would stop, too */
export function requireNoErrors(stacks: readonly Annotated[]): void {
  const errors = textsOf(stacks, 'error');
  if (errors.length === 0) return;
  throw new AssemblyError(
    `the app found errors at synth, for which 'cdk deploy' stops, too:\n  ${errors.join('\n  ')}`,
  );
}

/** As the `cdk` CLI prints them, each once. */
export function synthWarnings(stacks: readonly Annotated[]): string[] {
  return textsOf(stacks, 'warning');
}

function textsOf(stacks: readonly Annotated[], level: Annotation['level']): string[] {
  const found = stacks.flatMap(({ annotations }) => annotations.filter((annotation) => annotation.level === level));
  return [...new Set(found.map(({ constructPath, message }) => `[${constructPath}] ${message}`))];
}
