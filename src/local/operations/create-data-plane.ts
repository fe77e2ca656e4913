/** Makes the Lambda data plane: reads a request, asks who it is, and hands it to its operation. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { REQUEST_PAYLOAD_MAX_BYTES } from '../../wire/limits';
import { requestTooLarge, ServiceException, serviceErrorOf, serviceFault, unknownOperation } from '../errors';
import { writeErrorResponse } from '../http/error-response';
import { readRequestBody } from '../http/request-body';
import { EnvironmentPool } from '../runtime/environment-pool';
import { guardedLogListener } from '../runtime/log-listener';
import type { DataPlane, DataPlaneOptions, DataPlaneProps } from './data-plane';
import { serveFunctionUrl, urlIdOf } from './function-url';
import { getFunction, getFunctionConfiguration } from './get-function';
import { invoke } from './invoke';
import { invokeWithResponseStream } from './invoke-with-response-stream';
import type { LambdaCall } from './lambda-call';

type Operation = (call: LambdaCall) => Promise<void>;

const OPERATIONS: readonly { method: string; path: RegExp; run: Operation }[] = [
  {
    method: 'POST',
    path: /^\/2021-11-15\/functions\/([^/]+)\/response-streaming-invocations\/?$/,
    run: invokeWithResponseStream,
  },
  { method: 'POST', path: /^\/2015-03-31\/functions\/([^/]+)\/invocations\/?$/, run: invoke },
  { method: 'GET', path: /^\/2015-03-31\/functions\/([^/]+)\/configuration\/?$/, run: getFunctionConfiguration },
  { method: 'GET', path: /^\/2015-03-31\/functions\/([^/]+)\/?$/, run: getFunction },
];
const LAMBDA_PATH = /^\/20\d\d-\d\d-\d\d\/functions(\/|$)/;

const MAX_CONCURRENCY = 100;
const IDLE_MS = 300_000;
const INIT_TIMEOUT_MS = 10_000;

export function createDataPlane(props: DataPlaneProps): DataPlane {
  const options = props.options ?? {};
  const pool = createPool(options);
  let invocations = 0;
  const countInvocation = () => {
    invocations += 1;
    return invocations;
  };
  return {
    matches: (request) => LAMBDA_PATH.test(pathOf(request)) || urlIdOf(request) !== undefined,
    handle: (request, response) => {
      const requestId = randomUUID();
      const answered =
        urlIdOf(request) === undefined
          ? answer(request, response, requestId)
          : serveFunctionUrl({ ...props, options, pool, countInvocation }, request, response);
      // Reported to the caller; a response that has begun can only be cut.
      answered.catch((error: unknown) => {
        if (response.headersSent) response.destroy();
        else writeErrorResponse(response, serviceErrorOf(error) ?? serviceFault(describe(error)), requestId);
      });
    },
    stop: () => pool.stop(),
  };

  async function answer(request: IncomingMessage, response: ServerResponse, requestId: string): Promise<void> {
    const url = request.url ?? '/';
    const { run, functionName } = findOperation(request);
    const body = await readRequestBody(request, REQUEST_PAYLOAD_MAX_BYTES);
    if (body === 'aborted') return;
    if (body === 'too-large') throw new ServiceException(requestTooLarge(REQUEST_PAYLOAD_MAX_BYTES));
    const signed = { method: request.method ?? '', url, headers: request.headers, body };
    const identity = props.authenticate(signed, 'lambda');
    if (!identity.authenticated) throw new ServiceException(identity.error);
    const { principalArn, account } = identity.credentials;
    const caller = { principalArn, account, region: identity.region };
    const { query } = splitUrl(url);
    const { state, authorize } = props;
    await run({
      requestId,
      request,
      response,
      body,
      query,
      functionName,
      caller,
      state,
      authorize,
      pool,
      options,
      countInvocation,
    });
  }
}

function createPool(options: DataPlaneOptions): EnvironmentPool {
  return new EnvironmentPool({
    maxConcurrency: options.maxConcurrency ?? MAX_CONCURRENCY,
    idleMs: options.idleMs ?? IDLE_MS,
    initTimeoutMs: options.initTimeoutMs ?? INIT_TIMEOUT_MS,
    nodeExecutable: options.nodeExecutable ?? (() => process.execPath),
    environmentFor: options.environmentFor ?? (() => ({})),
    onLog: guardedLogListener(options.onLog ?? (() => undefined)),
  });
}

function findOperation(request: IncomingMessage): { run: Operation; functionName: string } {
  const path = pathOf(request);
  for (const { method, path: pattern, run } of OPERATIONS) {
    const name = request.method === method ? pattern.exec(path)?.[1] : undefined;
    if (name !== undefined) return { run, functionName: decodeName(name) };
  }
  request.resume();
  throw new ServiceException(unknownOperation(request.method ?? '', path));
}

/** ARNs arrive percent-encoded; an escape that is none stays, and fails as a name. */
function decodeName(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? '/').split('?')[0] ?? '/';
}

function splitUrl(url: string): { query: URLSearchParams } {
  const start = url.indexOf('?');
  return { query: new URLSearchParams(start < 0 ? '' : url.slice(start + 1)) };
}

function describe(error: unknown): string {
  return (error as Error | undefined)?.message ?? String(error);
}
