/** `conformance`: the acceptance table of web adapters against a handler file. */
import { existsSync } from 'node:fs';
import {
  conformanceLine,
  conformanceSummary,
  rowsFor,
  runConformance,
} from '../../testing/conformance/run-conformance';
import type { ExitCode, Terminal } from '../terminal';
import { UsageError } from '../usage-error';

export interface ConformanceOptions {
  readonly handler: string;
  readonly kind: 'fetch' | 'node';
  readonly rows?: string;
}

export async function run({ handler, kind, rows }: ConformanceOptions, terminal: Terminal): Promise<ExitCode> {
  if (!existsSync(handler)) {
    throw new UsageError(`--handler must be a JavaScript file, got '${handler}', which does not exist`);
  }
  if (!/\.[cm]?js$/.test(handler)) {
    throw new UsageError(
      `--handler must be a JavaScript file (.js, .mjs or .cjs), as the runtime of Lambda loads no other, got '${handler}'; ` +
        `bundle it first: npx esbuild ${handler} --bundle --platform=node --format=esm --outfile=handler.mjs`,
    );
  }
  const numbers = rows === undefined ? undefined : rowNumbers(rows, kind);
  const { green, red } = terminal.colors;
  const results = await runConformance(handler, kind, {
    rows: numbers,
    signal: terminal.signal,
    onResult: (result) => terminal.line((result.problem === undefined ? green : red)(conformanceLine(result))),
  });
  terminal.signal.throwIfAborted();
  const right = results.filter(({ problem }) => problem === undefined).length;
  terminal.line(conformanceSummary(results));
  terminal.json({ kind, right, of: results.length, rows: results });
  return right === results.length ? 0 : 1;
}

/** `4,7-9` as numbers. */
function rowNumbers(text: string, kind: 'fetch' | 'node'): readonly number[] {
  const known = rowsFor(kind).map(({ id }) => id);
  return text.split(',').flatMap((part) => {
    const [, first, last = first] = /^\s*(\d+)(?:-(\d+))?\s*$/.exec(part) ?? [];
    const found = known.filter((id) => id >= Number(first) && id <= Number(last));
    if (found.length > 0) return found;
    const range = `${known[0]} to ${known.at(-1)}`;
    throw new UsageError(
      `--rows must be numbers of rows for the kind '${kind}', ${range}, such as 4,7-9, got '${text}'`,
    );
  });
}
