/** Failures of bundling: of what was thrown, and of many constructs together. */

import type { IConstruct } from 'constructs';
import { BundlingError, type BundlingErrorCode, isBundlingError } from './bundling-error';

/** Why something could not be bundled. */
export interface Failure {
  readonly code: BundlingErrorCode;
  readonly failure: string;
  /** What was thrown, unless the words say it all. */
  readonly cause?: unknown;
}

/** A property of something thrown or passed, which may be anything. */
export function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

/** The failure that something thrown is: hooks are functions of the user, and may throw anything. */
export function failureOf(error: unknown, code: BundlingErrorCode = 'BuildFailed'): Failure {
  const failure = String(field(error, 'message') ?? error);
  // What an error of ours was caused by tells more than the error itself, whose words are here.
  return isBundlingError(error) ? { code: error.code, failure, cause: error.cause } : { code, failure, cause: error };
}

/** Collects what went wrong for each construct in one round, so that one error tells all of it. */
export class BundlingFailures {
  /** By reason: a wrong option that a hundred functions share is one thing to mend. */
  private readonly byReason = new Map<string, Failure & { readonly who: string[] }>();

  /** `entry` is left out for a failure that has nothing to do with the contents of the file. */
  public add(requests: ReadonlyArray<{ readonly scope: IConstruct }>, found: Failure, entry?: string): void {
    const reason = `${entry === undefined ? ' ' : '\n'}${found.failure}`;
    const known = this.byReason.get(reason) ?? { ...found, who: [] };
    const constructs = requests.map(({ scope }) => `'${scope.node.path}'`).join(', ');
    known.who.push(entry === undefined ? constructs : `${constructs} from ${entry}`);
    this.byReason.set(reason, known);
  }

  /** @throws BundlingError that lists each construct whose entry could not be bundled */
  public raise(): void {
    const [first, ...others] = this.byReason.values();
    if (first === undefined) return;
    const all = [...this.byReason].map(([reason, { who }]) => `cannot bundle ${who.join(', ')}:${reason}`);
    const code = others.every((other) => other.code === first.code) ? first.code : 'BuildFailed';
    throw new BundlingError(code, all.join('\n\n'), first.cause);
  }
}
