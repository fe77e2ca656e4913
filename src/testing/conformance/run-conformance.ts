/** Runs the acceptance table against a handler file. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { REQUEST_ROWS } from './request-rows';
import { RESPONSE_ROWS } from './response-rows';
import type { Bench, Row } from './row';
import { STREAM_ROWS } from './stream-rows';
import { startSubject } from './subject';
import { SURROUNDING_ROWS } from './surrounding-rows';

/** What became of a row. */
export interface ConformanceResult {
  readonly id: number;
  readonly name: string;
  /** Where it was seen to go wrong, as `repository#issue`. */
  readonly seen: string;
  /** What is wrong; undefined where all is right. */
  readonly problem: string | undefined;
}

const ROWS: readonly Row[] = [...RESPONSE_ROWS, ...REQUEST_ROWS, ...STREAM_ROWS, ...SURROUNDING_ROWS];

/** Rows that are for this kind of app. */
export const rowsFor = (kind: 'fetch' | 'node'): readonly Row[] =>
  ROWS.filter(({ only }) => only === undefined || only === kind);

export interface ConformanceBench extends Bench {
  stop(): Promise<void>;
}

/** @param handlerFile an ES module or CommonJS file that exports the app of the table, adapted, as `handler` */
export function startBench(handlerFile: string): ConformanceBench {
  const folder = mkdtempSync(join(tmpdir(), 'conformance-'));
  const file = pathToFileURL(resolve(handlerFile)).href;
  const wrapped = (name: string, expression: string) => {
    const path = join(folder, `${name}.mjs`);
    writeFileSync(
      path,
      `import * as loaded from ${JSON.stringify(file)};\nconst inner = loaded.handler ?? loaded.default.handler;\nexport const handler = ${expression};\n`,
    );
    return startSubject(path, 10);
  };
  const subjects = {
    handler: startSubject(resolve(handlerFile), 10),
    hasty: startSubject(resolve(handlerFile), 2),
    closure: wrapped('closure', 'async (...given) => inner(...given)'),
    bound: wrapped('bound', 'inner.bind(undefined)'),
    twoArguments: wrapped('two-arguments', 'async (event, context) => inner(event, context)'),
  };
  let files = 0;
  return {
    ...subjects,
    newFile: () => join(folder, `file-${++files}`),
    stop: async () => {
      await Promise.all(Object.values(subjects).map((subject) => subject.stop()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** How a run is watched. */
interface ConformanceRun {
  /** Numbers of the rows to run. @default - all that are for this kind of app */
  readonly rows?: readonly number[];
  /** Told of each row as it is done. */
  readonly onResult?: (result: ConformanceResult) => void;
  /** Ends the run early, in the middle of a row: its result and those after it are missing. */
  readonly signal?: AbortSignal;
}

/**
 * All rows for this kind of app, one after the other.
 * @param handlerFile an ES module or CommonJS file that exports the app of the table, adapted, as `handler`
 */
export async function runConformance(
  handlerFile: string,
  kind: 'fetch' | 'node',
  { rows, onResult, signal }: ConformanceRun = {},
): Promise<ConformanceResult[]> {
  const bench = startBench(handlerFile);
  const aborted = new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve(), { once: true }));
  const results: ConformanceResult[] = [];
  const runRows = async () => {
    for (const { id, name, seen, run } of rowsFor(kind).filter(({ id }) => rows?.includes(id) ?? true)) {
      // A handler of somebody else may do what no row expects.
      const problem = await run(bench).catch((error: unknown) => `the row could not be run: ${String(error)}`);
      const result = { id, name, seen, problem };
      if (signal?.aborted) return;
      results.push(result);
      onResult?.(result);
    }
  };
  try {
    await Promise.race([runRows(), aborted]);
    return results;
  } finally {
    await bench.stop();
  }
}

/** A result as a line for people. */
export function conformanceLine({ id, name, problem }: ConformanceResult): string {
  return `${problem ? '✗' : '✓'} ${String(id).padStart(2)} ${name}${problem ? `: ${problem}` : ''}`;
}

/** How many rows are right. */
export function conformanceSummary(results: readonly ConformanceResult[]): string {
  const right = results.filter(({ problem }) => problem === undefined).length;
  return `${right} of ${results.length} right`;
}
