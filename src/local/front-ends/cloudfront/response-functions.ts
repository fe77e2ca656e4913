/**
 * What functions at the edge make of a response: its head, and before the cache a body of their own in the place of the
 * origin's, which they never see
 * (https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-generating-http-responses.html).
 */
import { type IncomingMessage, STATUS_CODES } from 'node:http';
import { isObject } from '../../../base/is-object';
import type { BehaviorState, EdgeTrigger } from '../../cloudfront-state';
import type { LocalState } from '../../state';
import { type EdgeContext, runViewerResponse } from './edge-function';
import { mergedResponse, shown } from './edge-headers';
import { EdgeRefusal } from './edge-refusal';
import { askFunction, bytes, headersOut, type RunAtEdge, requestIn, statusOf } from './lambda-at-edge';
import type { EdgeRequest } from './origin-request';

/** A response on its way to the viewer. */
export interface OriginAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string | string[]>>;
  /** That of the origin as it comes, or one that a function has made. */
  readonly body: IncomingMessage | Buffer;
  /** A function has answered in the place of the origin. */
  readonly isGenerated: boolean;
  /** Milliseconds from the request to the first byte of the origin. */
  readonly waitedMs: number;
}

/** They concern one connection, or are said by CloudFront. */
const HOP = ['connection', 'keep-alive', 'transfer-encoding', 'upgrade', 'trailer', 'via', 'x-cache'];

export function answerOf(origin: IncomingMessage, waitedMs: number): OriginAnswer {
  const headers: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(origin.headers)) {
    if (value !== undefined && !HOP.includes(name)) headers[name] = value;
  }
  // What breaks off while functions run is seen when it is passed on.
  origin.on('error', () => undefined);
  return { statusCode: origin.statusCode ?? 502, headers, body: origin, isGenerated: false, waitedMs };
}

/** Takes no more of the origin. */
export function discard({ body }: OriginAnswer): void {
  if (!Buffer.isBuffer(body)) body.destroy();
}

/** Where what comes of it fails, nothing more of it is taken. */
export async function orDiscard<T>(answer: OriginAnswer, made: Promise<T>): Promise<T> {
  try {
    return await made;
  } catch (error) {
    discard(answer);
    throw error;
  }
}

/** What Lambda@Edge makes of what the origin has answered, errors too. @throws EdgeRefusal where the function fails */
export async function atOriginResponse(
  run: RunAtEdge,
  trigger: EdgeTrigger,
  config: EdgeContext,
  request: Readonly<Record<string, unknown>>,
  answer: OriginAnswer,
): Promise<OriginAnswer> {
  const { name, result } = await askAbout(run, trigger, config, request, answer);
  const statusCode = statusOf(name, result['status']);
  const headers = mergedResponse(
    'origin-response',
    { name, hasPage: true },
    answer.headers,
    Object.fromEntries(valuesOf(result['headers'])),
  );
  if (result['body'] === undefined) return { ...answer, statusCode, headers };
  discard(answer);
  const body = bytes(result['body'], result['bodyEncoding']);
  const { 'content-length': _, ...rest } = headers;
  return { ...answer, statusCode, headers: { ...rest, 'content-length': String(body.length) }, body };
}

/** What the function of a behavior makes of the head of a response that is no error, last of all. */
export async function atViewerResponse(
  { runAtEdge, state }: { readonly runAtEdge: RunAtEdge; readonly state: LocalState },
  { viewerResponse, viewerResponseTrigger }: BehaviorState,
  config: EdgeContext,
  viewer: EdgeRequest,
  answer: OriginAnswer,
): Promise<OriginAnswer> {
  const event = 'viewer-response';
  if (answer.statusCode >= 400) return answer;
  if (viewerResponseTrigger !== undefined) {
    const { name, result } = await askAbout(runAtEdge, viewerResponseTrigger, config, requestIn(viewer), answer);
    return {
      ...answer,
      headers: mergedResponse(
        event,
        { name, hasPage: true },
        answer.headers,
        Object.fromEntries(valuesOf(result['headers'])),
      ),
    };
  }
  if (viewerResponse === undefined) return answer;
  const edgeFunction = state.edgeFunctions.get(viewerResponse);
  if (edgeFunction === undefined) throw new EdgeRefusal(503, `the CloudFront Function ${viewerResponse} is gone`);
  const seen = { statusCode: answer.statusCode, headers: shown(answer.headers) };
  let changed: ReturnType<typeof runViewerResponse>;
  try {
    changed = runViewerResponse(edgeFunction, viewer, seen, config);
  } catch (error) {
    throw new EdgeRefusal(503, String((error as Error | undefined)?.message ?? error), { hasPage: false });
  }
  const headers = mergedResponse(
    event,
    { name: `CloudFront Function ${edgeFunction.name}`, hasPage: false },
    answer.headers,
    changed.headers,
  );
  return { ...answer, statusCode: changed.statusCode, headers };
}

async function askAbout(
  run: RunAtEdge,
  { eventType, functionArn }: EdgeTrigger,
  config: EdgeContext,
  request: Readonly<Record<string, unknown>>,
  { headers, statusCode }: OriginAnswer,
): Promise<{ readonly name: string; readonly result: Record<string, unknown> }> {
  const entries = Object.entries(shown(headers)).map(([key, value]) => [
    key,
    [value].flat().map((each) => ({ key, value: each })),
  ]);
  const response = {
    status: String(statusCode),
    statusDescription: STATUS_CODES[statusCode] ?? '',
    headers: Object.fromEntries(entries),
  };
  const { name, result } = await askFunction(run, functionArn, { config: { ...config, eventType }, request, response });
  if (isObject(result)) return { name, result };
  throw new EdgeRefusal(502, `the ${name} must return the response, got ${JSON.stringify(result)}`);
}

/** One value is a text, several are a list. */
function valuesOf(headers: unknown): [string, string | string[]][] {
  return headersOut(headers).map(([name, values]) => [name, values.length === 1 ? (values[0] ?? '') : values]);
}
