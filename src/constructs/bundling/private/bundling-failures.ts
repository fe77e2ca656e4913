/** Collects what went wrong for each construct, so that one error tells all of it. */
import type { BundleRequest } from './bundle-request';
import { BundlingError, field } from './bundling-error';

/** Why something could not be bundled. */
export interface Failure {
  readonly failure: string;
  /** What was thrown, unless the words say it all. */
  readonly cause?: unknown;
}

/** The failure that something thrown is: hooks are functions of the user, and may throw anything. */
export function failureOf(error: unknown): Failure {
  return { failure: String(field(error, 'message') ?? error), cause: error };
}

/** The failures of one round. */
export class BundlingFailures {
  /** By reason: a wrong option that a hundred functions share is one thing to mend. */
  private readonly byReason = new Map<string, { readonly who: string[]; readonly cause: unknown }>();

  /** `entry` is left out for what has not to do with the contents of the file. */
  public add(requests: readonly BundleRequest[], { failure, cause }: Failure, entry?: string): void {
    const reason = `${entry === undefined ? ' ' : '\n'}${failure}`;
    const known = this.byReason.get(reason) ?? { who: [], cause };
    const constructs = requests.map(({ scope }) => `'${scope.node.path}'`).join(', ');
    known.who.push(entry === undefined ? constructs : `${constructs} from ${entry}`);
    this.byReason.set(reason, known);
  }

  /** @throws BundlingError that lists each construct whose entry could not be bundled */
  public raise(): void {
    const [first] = this.byReason.values();
    if (first === undefined) return;
    const all = [...this.byReason].map(([reason, { who }]) => `cannot bundle ${who.join(', ')}:${reason}`);
    throw new BundlingError(all.join('\n\n'), { cause: first.cause });
  }
}
