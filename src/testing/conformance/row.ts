/**
 * A row of the acceptance table: what adapters of web apps to Lambda got wrong, and what is right. Each names a report it
 * comes from; `measured` is what versions of 2026 were seen to do.
 */
import type { JsonEvent } from './events';
import { differenceOf, type Expected } from './expected';
import type { Subject } from './subject';

/** What the rows run against. */
export interface Bench {
  readonly handler: Subject;
  /** The handler with a timeout of two seconds. */
  readonly hasty: Subject;
  /** The handler behind a wrapper that hands on all arguments, but not the mark of a streaming handler. */
  readonly closure: Subject;
  /** The same with `bind`. */
  readonly bound: Subject;
  /** The same with event and context only. */
  readonly twoArguments: Subject;
  /** A path where there is no file yet. */
  newFile(): string;
}

export interface Row {
  readonly id: number;
  readonly name: string;
  readonly seen: string;
  /** The kind of app it is for. @default - both */
  readonly only?: 'fetch' | 'node';
  /** What is wrong; undefined where all is right. */
  run(bench: Bench): Promise<string | undefined>;
}

type Details = Pick<Row, 'only'> & { readonly on?: Exclude<keyof Bench, 'newFile'> };

/** A row of one event and what has to come of it. */
export function row(
  id: number,
  name: string,
  seen: string,
  event: JsonEvent,
  expected: Expected,
  details: Details = {},
): Row {
  const { on = 'handler', only } = details;
  return { id, name, seen, only, run: async (bench) => differenceOf(await bench[on].invoke(event), expected) };
}
