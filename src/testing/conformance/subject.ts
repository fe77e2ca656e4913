/** Runs a handler file on AWS's runtime client and shows everything it does: head, body, pieces, end, log. */
import { randomUUID } from 'node:crypto';
import { basename, dirname, extname } from 'node:path';
import { EnvironmentPool } from '../../local/runtime/environment-pool';
import type { FunctionConfiguration } from '../../local/state';
import { HTTP_INTEGRATION_CONTENT_TYPE } from '../../wire/content-types';
import { PreludeSplitter } from '../../wire/http-prelude';
import type { JsonEvent } from './events';

/** What one invocation did. */
export interface Observed {
  /** Status, headers and cookies; undefined where the function answered with none. */
  readonly head: ObservedHead | undefined;
  /** Content type by which a front end knows what comes. */
  readonly contentType: string | undefined;
  readonly body: Buffer;
  /** Whether the response came with a prelude, or as the JSON of a proxy response. */
  readonly form: 'stream' | 'proxy' | 'none';
  /** How the invocation failed; undefined where it succeeded. */
  readonly failure: { readonly origin: string; readonly errorType: string; readonly message: string } | undefined;
  /** Lines the function logged. */
  readonly log: string;
}

interface ObservedHead {
  readonly statusCode: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies: readonly string[];
}

interface InvokeOptions {
  /** Called with the body so far, each time it grows, and once with an empty one when the head is there. */
  readonly onBody?: (body: Buffer) => void;
  /** Called with the raw response instead of reading it: returns when it is to be read after all. */
  readonly beforeReading?: (cut: () => void) => Promise<void>;
}

export interface Subject {
  invoke(event: JsonEvent, options?: InvokeOptions): Promise<Observed>;
  stop(): Promise<void>;
}

/** @param timeoutSeconds the function's timeout */
export function startSubject(handlerFile: string, timeoutSeconds: number): Subject {
  const functionName = 'subject';
  const functionArn = `arn:aws:lambda:eu-west-1:111111111111:function:${functionName}`;
  const configuration: FunctionConfiguration = {
    account: '111111111111',
    region: 'eu-west-1',
    functionName,
    version: '$LATEST',
    codeDirectory: dirname(handlerFile),
    handler: `${basename(handlerFile, extname(handlerFile))}.handler`,
    runtime: 'nodejs24.x',
    timeoutSeconds,
    memoryMb: 512,
    environment: {},
    roleArn: 'arn:aws:iam::111111111111:role/subject',
    logGroupName: '/aws/lambda/subject',
  };
  const logs = new Map<string | undefined, string>();
  const pool = new EnvironmentPool(
    {
      maxConcurrency: 4,
      onLog: ({ requestId, message }) => logs.set(requestId, `${logs.get(requestId) ?? ''}${message}\n`),
    },
    () => ({}),
  );

  return {
    stop: () => pool.stop(),
    invoke: async (event, { onBody, beforeReading } = {}) => {
      const requestId = randomUUID();
      const payload = Buffer.from(JSON.stringify(event));
      const running = await pool.invoke(functionArn, configuration, {
        requestId,
        payload,
        invokedFunctionArn: functionArn,
      });
      if (typeof running === 'string') throw new Error(`the function was not started: ${running}`);
      const begun = await running.response;
      let contentType: string | undefined;
      const raw: Buffer[] = [];
      const splitter = new PreludeSplitter(Number.MAX_SAFE_INTEGER);
      const isStream = () => contentType === HTTP_INTEGRATION_CONTENT_TYPE;
      const body: Uint8Array[] = [];
      if (begun.kind === 'body') {
        const { response } = begun;
        contentType = response.contentType;
        await beforeReading?.(() => response.body.destroy());
        response.body.on('error', () => undefined);
        response.body.on('data', (piece: Buffer) => {
          raw.push(piece);
          if (isStream()) body.push(splitter.push(piece));
          if (splitter.prelude) onBody?.(Buffer.concat(body));
        });
        if (!response.body.closed) await new Promise((resolve) => response.body.once('close', resolve));
      }
      const { failure } = await running.completed;
      return {
        ...shown(isStream() ? { prelude: splitter.prelude, body: Buffer.concat(body) } : Buffer.concat(raw)),
        contentType,
        failure: failure && { ...failure, message: messageOf(failure.body) },
        log: logs.get(requestId) ?? '',
      };
    },
  };
}

type Shown = Pick<Observed, 'head' | 'body' | 'form'>;

/** A stream with its prelude, or the JSON of a proxy response, as one and the same. */
function shown(answer: { readonly prelude: PreludeSplitter['prelude']; readonly body: Buffer } | Buffer): Shown {
  if (!Buffer.isBuffer(answer)) {
    const { prelude, body } = answer;
    if (prelude === undefined) return { head: undefined, body, form: 'none' };
    const { statusCode = 200, headers = {}, cookies = [] } = prelude;
    return { head: { statusCode, headers: lowerCased(headers), cookies }, body, form: 'stream' };
  }
  const proxy = proxyOf(answer);
  if (proxy === undefined) return { head: undefined, body: answer, form: 'none' };
  const { statusCode, headers = {}, multiValueHeaders = {}, cookies = [], body = '', isBase64Encoded } = proxy;
  const all = [
    ...Object.entries(headers),
    ...Object.entries(multiValueHeaders).flatMap(([name, values]) => values.map((value) => [name, value] as const)),
  ];
  const isCookie = ([name]: readonly [string, string]) => name.toLowerCase() === 'set-cookie';
  return {
    head: {
      statusCode,
      headers: lowerCased(Object.fromEntries(all.filter((header) => !isCookie(header)))),
      cookies: [...cookies, ...all.filter(isCookie).map(([, value]) => value)],
    },
    body: Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8'),
    form: 'proxy',
  };
}

interface Proxy {
  readonly statusCode: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly multiValueHeaders?: Readonly<Record<string, readonly string[]>>;
  readonly cookies?: readonly string[];
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
}

function proxyOf(payload: Buffer): Proxy | undefined {
  try {
    const value: unknown = JSON.parse(payload.toString('utf8'));
    return typeof value === 'object' && value !== null && 'statusCode' in value ? (value as Proxy) : undefined;
  } catch {
    // Text of its own, or nothing.
    return undefined;
  }
}

const lowerCased = (headers: Readonly<Record<string, unknown>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]));

function messageOf(body: string): string {
  const { errorMessage } = JSON.parse(body) as { readonly errorMessage?: string };
  return errorMessage ?? '';
}
