/**
 * Other AWS services, as functions and tests reach them: by a handler of the test, by what the deployed stacks tell, or
 * by a refusal in the service's own protocol that says who asked for what and how to answer it.
 */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isObject } from '../../base/is-object';
import { systemClock } from '../clock';
import { type CallRefused, type ServiceError, ServiceException, serviceErrorOf, serviceFault } from '../errors';
import { readRequestBody } from '../http/request-body';
import { namedAccessKey } from '../http/request-signature';
import type { HttpRoute } from '../http/server';
import { type Authenticate, type CredentialLookup, createAuthenticator, MISMATCH } from '../http/sigv4';
import { principalAccount, principalName } from '../iam/principals';
import { ownMember } from '../own-member';
import { BUILT_IN, type BuiltInContext } from './built-in-services';
import { callPermissions, isNameable } from './call-permissions';
import { writeServiceError, writeServiceResult } from './service-answer';
import { isServiceRequest, readServiceCall, type ServiceCall, type ServiceRequest } from './service-call';
import { answerByEndpoint } from './service-endpoint';
import { answerByHandler, type ServiceHandler } from './service-handler';
import { demand, type ServiceOperation } from './service-operation';
import { Unanswered } from './service-patience';
import { UNSIGNED_STS } from './sts/web-identity';

/** By the name in `AWS_ENDPOINT_URL_<SERVICE>`, lower case and with hyphens: the address of an endpoint, or a handler. */
export type Services = Readonly<Record<string, string | ServiceHandler>>;

export interface ServiceRouteProps extends BuiltInContext {
  /** Services beside the built-in ones, by signing name and operation. */
  readonly operations: Readonly<Record<string, ServiceOperation<unknown>>>;
  readonly services: Services;
  readonly authenticate: Authenticate;
  readonly lookup: CredentialLookup;
  readonly onRefusal: CallRefused;
  /** Told whose call a handler of the option `services` failed to answer. */
  readonly onFailure: (accessKeyId: string, message: string) => void;
}

/** No bucket can have this name, so no path of S3 begins with it. */
const PREFIX = /^\/_services\/([\w-]+)(?=[/?]|$)/;
/** https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-env.html */
const LOOKUP_ROLE = /:assumed-role\/cdk-[a-z0-9]+-lookup-role-/;
const REQUEST_MAX_BYTES = 64 * 1024 * 1024;
/** Above it a body is read only when its header alone does not refuse the request. */
const READ_UNASKED_MAX_BYTES = 64 * 1024;
const TOO_LARGE = {
  type: 'RequestEntityTooLarge',
  statusCode: 413,
  message: `a request has at most ${REQUEST_MAX_BYTES} bytes here`,
};

/** The environment variables by which the SDKs of a function find the services. */
export function serviceEndpoints(services: Services, url: string): Record<string, string> {
  const entries = Object.entries(services).map(([name, service]) => [
    `AWS_ENDPOINT_URL_${name.toUpperCase().replaceAll('-', '_')}`,
    // What IAM can be asked about goes through the target, wherever it is played.
    typeof service === 'string' && !isNameable(name) ? service : `${url}/_services/${name}`,
  ]);
  return { AWS_ENDPOINT_URL: url, ...Object.fromEntries(entries) };
}

export function createServiceRoute(props: ServiceRouteProps): HttpRoute {
  return {
    matches: (request) => PREFIX.test(request.url ?? '') || isServiceRequest(request),
    handle: (request, response) => {
      serve(props, request, response).catch((error: unknown) => {
        if (response.headersSent) response.destroy();
        else response.writeHead(500).end(String((error as Error | undefined)?.message ?? error));
      });
    },
  };
}

async function serve(props: ServiceRouteProps, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const requestId = randomUUID();
  const refuseUnread = (error: ServiceError) =>
    writeServiceError(response, readServiceCall(serviceRequest(incoming)).protocol, error, requestId);
  const refused = refusedUnread(props, incoming);
  if (refused !== undefined) {
    incoming.resume();
    return refuseUnread(refused);
  }
  const body = await readRequestBody(incoming, REQUEST_MAX_BYTES);
  if (body === 'aborted') return;
  if (body === 'too-large') return refuseUnread(TOO_LARGE);
  const request = serviceRequest(incoming, body);
  const read = readServiceCall(request);
  const call = { ...read, service: namedService(incoming) ?? read.service };
  const handler = props.services[call.service];
  try {
    if (handler !== undefined) {
      const account = requirePermissions(props, call, request, incoming.url ?? '/');
      if (typeof handler === 'function') return await answerByHandler(handler, request, response);
      return await answerByEndpoint({ service: call.service, endpoint: handler, account }, request, response);
    }
    const asked = `${call.signingName}.${call.operation}`;
    const unsigned = ownMember(UNSIGNED_STS, asked);
    if (unsigned !== undefined) {
      writeServiceResult(response, call, unsigned(inputOf(call, request), props), requestId);
      return;
    }
    const operation: ServiceOperation<BuiltInContext> | undefined = BUILT_IN[asked] ?? props.operations[asked];
    if (operation === undefined) throw new ServiceException(refusal(props, call, request));
    const identity = props.authenticate({ ...request, url: incoming.url ?? '/' }, call.signingName ?? '');
    if (!identity.authenticated) throw new ServiceException(identity.error);
    const { credentials, region } = identity;
    const result = await operation(inputOf(call, request), { ...credentials, region }, props);
    writeServiceResult(response, call, result, requestId);
  } catch (error) {
    const failure = serviceErrorOf(error) ?? failureOf(props, call, request, response, error);
    if (response.headersSent) response.destroy();
    else writeServiceError(response, call.protocol, failure, requestId);
  }
}

function serviceRequest(incoming: IncomingMessage, body: Buffer = Buffer.alloc(0)): ServiceRequest {
  const url = (incoming.url ?? '/').replace(PREFIX, '');
  const { headers, method = 'GET' } = incoming;
  return { method, url: url.startsWith('/') ? url : `/${url}`, headers, body };
}

function namedService({ url }: IncomingMessage): string | undefined {
  return PREFIX.exec(url ?? '')?.[1];
}

/** What is wrong with a request whatever its body says, so that nobody fills the memory with one that is refused anyway. */
function refusedUnread(props: ServiceRouteProps, incoming: IncomingMessage): ServiceError | undefined {
  const { headers, method = 'GET', url = '/' } = incoming;
  const length = Number(headers['content-length'] ?? (method === 'GET' ? 0 : Number.POSITIVE_INFINITY));
  if (length <= READ_UNASKED_MAX_BYTES) return undefined;
  if (length > REQUEST_MAX_BYTES && headers['content-length'] !== undefined) return TOO_LARGE;
  const request = serviceRequest(incoming);
  const { service, signingName } = readServiceCall(request);
  const named = namedService(incoming) ?? service;
  // Whoever plays another service may take what nobody has signed.
  if (props.services[named] !== undefined && !isJudged(named, request)) return undefined;
  const signed = { ...request, url };
  const unread = createAuthenticator(props.lookup, systemClock)(signed, signingName ?? named);
  if (unread.authenticated || unread.error.message === MISMATCH) return undefined;
  props.authenticate(signed, signingName ?? named);
  return unread.error;
}

/** Whether IAM has a say in calls to a service: a key of Bedrock's own is not its to judge. */
function isJudged(service: string, { headers }: ServiceRequest): boolean {
  const isBearer = service === 'bedrock-runtime' && headers.authorization?.startsWith('Bearer ') === true;
  return isNameable(service) && !isBearer;
}

/** Told in the log of the function that asked, too: one that has begun to answer can only be cut. */
function failureOf(
  props: ServiceRouteProps,
  { operation, service }: ServiceCall,
  { headers }: ServiceRequest,
  response: ServerResponse,
  error: unknown,
): ServiceError {
  const accessKeyId = namedAccessKey(headers);
  const what = typeof props.services[service] === 'string' ? 'endpoint' : 'handler';
  const began = response.headersSent ? ' after it had begun to answer' : '';
  const asked = error instanceof Unanswered ? `, asked for ${operation}${whoAsks(props, accessKeyId)},` : '';
  const message = `the ${what} of '${service}'${asked} failed${began}: ${describe(error)}`;
  const isClientGone = (error as NodeJS.ErrnoException | undefined)?.code === 'ERR_STREAM_PREMATURE_CLOSE';
  if (!isClientGone)
    props.onFailure(accessKeyId, `${message}; it is what startLocal({ services: { '${service}': … } }) was given`);
  // No SDK should ask again what has not been answered for so long.
  return error instanceof Unanswered
    ? { type: 'LocalServiceUnavailable', statusCode: 400, message }
    : serviceFault(message);
}

function whoAsks({ lookup }: ServiceRouteProps, accessKeyId: string): string {
  const principal = lookup(accessKeyId)?.principal;
  return principal === undefined ? '' : ` for ${principalName(principal)}`;
}

/**
 * @returns the account of what is asked for, else of the caller, where the service is one whose calls have names
 * @throws a ServiceException where IAM does not let the caller
 */
function requirePermissions(
  { authenticate, authorize, state }: ServiceRouteProps,
  call: ServiceCall,
  request: ServiceRequest,
  url: string,
): string | undefined {
  if (!isJudged(call.service, request)) return undefined;
  const isRest = call.service === 'bedrock-runtime';
  const identity = authenticate({ ...request, url }, call.signingName ?? call.service);
  if (!identity.authenticated) throw new ServiceException(identity.error);
  const { credentials, region } = identity;
  const account = principalAccount(credentials.principal) ?? '';
  const partition = principalName(credentials.principal).split(':')[1] ?? 'aws';
  // Of a service whose operations are paths nothing else names one.
  const operation = isRest ? `${request.method} ${request.url.split('?')[0]}` : call.operation;
  if (!isRest) requireOneReading(call, request);
  const permissions = callPermissions({ ...call, operation }, isRest ? {} : inputOf(call, request), {
    account,
    partition,
    region,
    tablePrefix: `arn:${partition}:dynamodb:${region}:${account}:table/`,
    keysOf: (tableArn) => state.tables.get(tableArn),
  });
  for (const { action, context, resource } of permissions ?? []) {
    const protocol = call.protocol === 'query' ? 'query' : 'json';
    demand(action, resource, { ...credentials, region }, authorize, protocol, context);
  }
  // A table of another account is named by its ARN.
  return permissions?.[0]?.resource.split(':')[4] || account;
}

/** What can be read in two ways would be decided in one, and done in the other. */
function requireOneReading({ form, protocol, service }: ServiceCall, { headers, method, url }: ServiceRequest): void {
  const isForm = /^application\/x-www-form-urlencoded\b/i.test(headers['content-type'] ?? '');
  const names = [...(form?.keys() ?? [])];
  const isOne =
    method === 'POST' &&
    !url.includes('?') &&
    isForm === (protocol === 'query') &&
    ['cbor', 'json', 'query'].includes(protocol) &&
    new Set(names).size === names.length;
  if (isOne) return;
  throw new ServiceException({
    type: 'ValidationException',
    statusCode: 400,
    message: `a call to ${service} is a POST without a query string, with X-Amz-Target and JSON or as a form that names each member once`,
  });
}

function inputOf({ form }: ServiceCall, { body }: ServiceRequest): Readonly<Record<string, unknown>> {
  if (form !== undefined) return Object.fromEntries(form);
  const text = body.toString('utf8');
  if (text === '') return {};
  try {
    const input: unknown = JSON.parse(text);
    if (isObject(input)) return input;
  } catch {
    // Said below: for a client it is the same.
  }
  throw new ServiceException({
    type: 'SerializationException',
    statusCode: 400,
    message: `the input of an operation must be an object in JSON, got '${text.slice(0, 100)}'`,
  });
}

/** 400, so that no SDK tries again. */
function refusal(props: ServiceRouteProps, call: ServiceCall, { headers }: ServiceRequest): ServiceError {
  const accessKeyId = namedAccessKey(headers);
  const who = whoAsks(props, accessKeyId);
  const played = Object.keys({ ...BUILT_IN, ...props.operations }).some((name) =>
    name.startsWith(`${call.signingName}.`),
  );
  const asked = played
    ? `the operation ${call.operation} of ${call.service}${who}`
    : `${call.service}, which was asked for ${call.operation}${who}`;
  const message =
    `the local target does not play ${asked}; ` +
    `give an endpoint or a handler: startLocal({ services: { '${call.service}': … } }), ` +
    `or start the command line with --service ${call.service}=<endpoint>`;
  props.onRefusal(accessKeyId, `${call.service} ${call.operation}`, message);
  // The cdk CLI, for an app that wants to know something of its account.
  const advice = LOOKUP_ROLE.test(who) ? '; or write what the app looks up into cdk.context.json' : '';
  return { type: 'LocalServiceUnavailable', statusCode: 400, message: `${message}${advice}` };
}

function describe(error: unknown): string {
  return (error as Error | undefined)?.message ?? String(error);
}
