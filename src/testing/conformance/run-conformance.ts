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

/** All rows for this kind of app, one after the other. */
export async function runConformance(handlerFile: string, kind: 'fetch' | 'node'): Promise<ConformanceResult[]> {
  const bench = startBench(handlerFile);
  try {
    const results: ConformanceResult[] = [];
    for (const { id, name, seen, run } of rowsFor(kind)) results.push({ id, name, seen, problem: await run(bench) });
    return results;
  } finally {
    await bench.stop();
  }
}

/** The results as lines for people: what is wrong, and how many rows are right. */
export function conformanceTable(results: readonly ConformanceResult[]): string {
  const lines = results.map(
    ({ id, name, problem }) =>
      `${problem ? '✗' : '✓'} ${String(id).padStart(2)} ${name}${problem ? `: ${problem}` : ''}`,
  );
  const right = results.filter(({ problem }) => problem === undefined).length;
  return [...lines, `${right} of ${results.length} right`].join('\n');
}
