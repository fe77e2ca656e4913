/** Collects what went wrong for each construct, so that one error tells all of it. */
import type { BundleRequest } from './bundle-request';
import { BundlingError, type Failure } from './bundling-error';

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
