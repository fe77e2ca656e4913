/** What a row expects of one invocation, and the words for what is otherwise. */
import { isDeepStrictEqual } from 'node:util';
import type { Echo } from './behaviours';
import type { Observed } from './subject';

export interface Expected {
  readonly status?: number;
  /** These headers with these values; null for one that must not be there. */
  readonly headers?: Readonly<Record<string, string | null>>;
  readonly cookies?: readonly string[];
  readonly body?: string | Uint8Array | RegExp;
  /** What the app must have seen of the request. */
  readonly echo?: { readonly [Key in keyof Echo]?: Echo[Key] | RegExp } & {
    readonly header?: Readonly<Record<string, string | RegExp | null>>;
  };
  readonly form?: Observed['form'];
  /** Whether the invocation fails. @default false */
  readonly fails?: boolean;
  readonly log?: RegExp;
}

/** The first thing that is not as expected; undefined where all is. */
export function differenceOf(observed: Observed, expected: Expected): string | undefined {
  const { head, body, failure, form } = observed;
  const fails = expected.fails ?? false;
  if (fails !== (failure !== undefined)) {
    return `the invocation should ${fails ? 'fail' : 'succeed'}, got ${failure ? `${failure.errorType}: ${failure.message}` : 'a success'}`;
  }
  const { status, headers = {}, cookies, echo, log } = expected;
  return (
    said('status', head?.statusCode, status) ??
    said('form', form, expected.form) ??
    Object.entries(headers).reduce<string | undefined>(
      (problem, [name, value]) => problem ?? said(`header ${name}`, head?.headers[name] ?? null, value),
      undefined,
    ) ??
    said('cookies', head?.cookies, cookies) ??
    bodyProblem(body, expected.body) ??
    (echo && echoProblem(body, echo)) ??
    (log && !log.test(observed.log) ? `the log should have ${log}, got ${JSON.stringify(observed.log)}` : undefined)
  );
}

function said(what: string, got: unknown, expected: unknown): string | undefined {
  if (expected === undefined) return undefined;
  if (expected instanceof RegExp ? expected.test(String(got)) : isDeepStrictEqual(got, expected)) return undefined;
  return `${what} should be ${expected instanceof RegExp ? String(expected) : short(expected)}, got ${short(got)}`;
}

function bodyProblem(body: Buffer, expected: Expected['body']): string | undefined {
  if (expected === undefined) return undefined;
  if (expected instanceof RegExp) return said('body', body.toString('utf8'), expected);
  const bytes = Buffer.from(expected);
  if (bytes.equals(body)) return undefined;
  const show = (buffer: Buffer) => `${buffer.length} bytes ${short(buffer.subarray(0, 60).toString('utf8'))}`;
  return `body should be ${show(bytes)}, got ${show(body)}`;
}

function echoProblem(body: Buffer, { header = {}, ...expected }: NonNullable<Expected['echo']>): string | undefined {
  let echo: Echo;
  try {
    echo = JSON.parse(body.toString('utf8')) as Echo;
  } catch {
    return `body should be the echo of the request, got ${short(body.toString('utf8'))}`;
  }
  for (const [key, value] of Object.entries(expected)) {
    const problem = said(`the app's ${key}`, echo[key as keyof Echo], value);
    if (problem) return problem;
  }
  for (const [name, value] of Object.entries(header)) {
    const problem = said(`the app's header ${name}`, echo.headers[name] ?? null, value);
    if (problem) return problem;
  }
  return undefined;
}

function short(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
