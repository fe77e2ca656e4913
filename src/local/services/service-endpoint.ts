/** Hands a call on to whoever plays the service at an address. */
import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { pipeline } from 'node:stream/promises';
import { ServiceException } from '../errors';
import { engineRequest } from './engine-request';
import type { ServiceRequest } from './service-call';
import { ENDPOINT_PATIENCE_MS, waitForAnswer } from './service-patience';

export interface ServiceEndpoint {
  /** As in the option `services`. */
  readonly service: string;
  readonly endpoint: string;
  /** Of what is asked for. @default - nobody knows */
  readonly account: string | undefined;
}

/** They belong to one connection; HTTP/2 has none of them. */
const OF_A_CONNECTION = new Set(['connection', 'host', 'keep-alive', 'te', 'trailer', 'transfer-encoding', 'upgrade']);

export async function answerByEndpoint(
  props: ServiceEndpoint,
  request: ServiceRequest,
  response: ServerResponse,
): Promise<void> {
  const asked = props.service === 'dynamodb' ? engineRequest(request) : request;
  const answer = await waitForAnswer(response, ENDPOINT_PATIENCE_MS, (signal) => ask(props, asked, signal));
  response.writeHead(answer.statusCode ?? 502, endToEnd(answer.headers));
  await pipeline(answer, response);
}

/** @param signal ends it when the caller has left */
function ask(
  { account, endpoint, service }: ServiceEndpoint,
  request: ServiceRequest,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const { body, method } = request;
  const base = new URL(endpoint);
  const url = new URL(`${base.pathname.replace(/\/$/, '')}${request.url}`, base);
  const headers = { ...asAccount(endToEnd(request.headers), account), 'content-length': String(body.length) };
  return new Promise((resolve, reject) => {
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
    send(url, { method, headers, signal }, resolve)
      .on('upgrade', (answer, socket) => {
        socket.destroy();
        reject(unreachable(service, endpoint, new Error(`it answered ${answer.statusCode}, another protocol`)));
      })
      .on('error', (cause) => reject(unreachable(service, endpoint, cause)))
      .end(body);
  });
}

/** 400, so that no SDK tries again. */
function unreachable(service: string, endpoint: string, cause: Error): ServiceException {
  const message =
    `nobody answers for '${service}' at '${endpoint}', which startLocal({ services }) names: ${cause.message}; ` +
    'start it, or name another address';
  return new ServiceException({ type: 'LocalServiceUnavailable', statusCode: 400, message });
}

type Headers = Record<string, string | string[] | undefined>;

function endToEnd(headers: Readonly<Headers>): Headers {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !OF_A_CONNECTION.has(name) && !name.startsWith(':')),
  );
}

/**
 * Emulators keep the data of each access key apart, and take twelve digits for the account. Here each session of a role
 * has a key of its own, so the account takes its place: what one function writes another reads.
 */
function asAccount(headers: Headers, account: string | undefined): Headers {
  const { authorization } = headers;
  if (account === undefined || typeof authorization !== 'string') return headers;
  return { ...headers, authorization: authorization.replace(/Credential=[^/]+/, `Credential=${account}`) };
}
