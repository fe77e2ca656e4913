/** Warns of a request that waits for a free socket of its client's: nothing else tells, and streams hold theirs for long. */
import type { LambdaClient } from '@aws-sdk/client-lambda';
import { isObject } from '../../base/is-object';

/** A connection is made in less, and connections of another process do not count. */
const WARN_AFTER_MS = 2_000;

/** Of an agent of Node.js, its line of requests without a socket. */
interface AgentLine {
  readonly maxSockets?: number;
  readonly requests?: Readonly<Record<string, readonly QueuedRequest[] | undefined>>;
}
interface QueuedRequest {
  getHeader(name: string): unknown;
}

/** The header by which the SDK tells its own requests apart. */
const ID_HEADER = 'amz-sdk-invocation-id';

/**
 * Watches one request until the function that it returns is called.
 * @param headersOf the headers of the request, once it is made
 */
export function watchSocket(
  client: LambdaClient,
  headersOf: () => Readonly<Record<string, string>> | undefined,
  warn: (message: string) => void,
): () => void {
  const timer = setTimeout(() => {
    const line = lineOf(client, headersOf()?.[ID_HEADER]);
    if (line !== undefined) warn(messageFor(line));
  }, WARN_AFTER_MS);
  return () => clearTimeout(timer);
}

/** The agent in whose line the request with `id` stands; undefined also where the client's handler has no such thing. */
function lineOf(client: LambdaClient, id: string | undefined): AgentLine | undefined {
  if (id === undefined) return undefined;
  const handler = client.config?.requestHandler as { httpHandlerConfigs?(): unknown } | undefined;
  const config = handler?.httpHandlerConfigs?.();
  if (!isObject(config)) return undefined;
  return ([config['httpsAgent'], config['httpAgent']] as (AgentLine | undefined)[]).find((agent) =>
    Object.values(agent?.requests ?? {}).some((queue) => queue?.some((request) => request.getHeader(ID_HEADER) === id)),
  );
}

function messageFor({ maxSockets }: AgentLine): string {
  const limit = maxSockets === undefined ? '' : ` (maxSockets: ${maxSockets})`;
  return `the request has waited ${WARN_AFTER_MS / 1_000} s for a free socket: those of the client are all in use${limit}, and each open stream holds one; raise maxSockets of its agent, and read streams to their end or abort them`;
}
