/** One request to a REST API, with what its parts need to answer it. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Principal } from '../../iam/principals';
import type { LambdaApi } from '../../operations/lambda-call';
import type { RestApiState, RestMethod, RestStage } from '../../rest-api-state';

export interface RestCall {
  readonly lambda: LambdaApi;
  readonly api: RestApiState;
  readonly stage: RestStage;
  readonly method: RestMethod;
  /** Path of the resource as the template has it: `/users/{id}`. */
  readonly resourcePath: string;
  readonly pathParameters: Readonly<Record<string, string>>;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** `GET`, … */
  readonly httpMethod: string;
  /** As sent, without the stage. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: Buffer;
  readonly requestId: string;
  readonly extendedRequestId: string;
  readonly traceId: string;
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
  /** What authorization and keys found out. */
  readonly identity: RestIdentity;
}

/** Who calls, as the event tells it. */
export interface RestIdentity {
  /** Of a signed request to a method with `AWS_IAM`. */
  readonly caller?: { readonly accessKeyId: string; readonly principal: Principal };
  /** What a Lambda authorizer returned. */
  readonly authorizer?: Readonly<Record<string, string>>;
  /** Milliseconds that the Lambda authorizer took; 0 for an answer that was kept. */
  readonly authorizerLatency?: number;
  /** What a token of a user pool says. */
  readonly claims?: Readonly<Record<string, string>>;
  readonly apiKey?: { readonly keyId: string; readonly value: string };
  readonly usageIdentifierKey?: string;
}

/** `arn:…:execute-api:<region>:<account>:<api>/<rest>`. */
export function executeApiArn({ partition, region, account, apiId }: RestApiState, rest: string): string {
  return `arn:${partition}:execute-api:${region}:${account}:${apiId}/${rest}`;
}

/** The name of the API's host on AWS. */
export function domainNameOf({ apiId, region }: RestApiState): string {
  return `${apiId}.execute-api.${region}.amazonaws.com`;
}

/** What IAM decides about: the path that was called, not that of the template. */
export function methodArn({ api, stage, httpMethod, path }: RestCall): string {
  return executeApiArn(api, `${stage.stageName}/${httpMethod}${path}`);
}

/** `text` with `${stageVariables.name}` filled in. */
export function withStageVariables(text: string, { variables }: RestStage): string {
  return text.replace(/\$\{stageVariables\.(\w+)\}/g, (_, name: string) => variables[name] ?? '');
}

/** One value of a header. */
export function headerOf(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name.toLowerCase()];
  return Array.isArray(value) ? value.join(',') : value;
}

/**
 * The value of a mapping expression: `'text'`, `method.request.header.X`, `context.requestId`, `stageVariables.x`.
 * @returns undefined where the request has no such thing
 */
export function mappedValue(call: RestCall, expression: string): string | undefined {
  const [, literal] = /^'([\s\S]*)'$/.exec(expression) ?? [];
  if (literal !== undefined) return literal;
  const [, place, name = ''] = /^method\.request\.(header|querystring|path)\.(.+)$/.exec(expression) ?? [];
  if (place === 'header') return headerOf(call.request, name);
  if (place === 'querystring') return call.query.getAll(name).at(-1);
  if (place === 'path') return call.pathParameters[name];
  const [, variable] = /^stageVariables\.(.+)$/.exec(expression) ?? [];
  if (variable !== undefined) return call.stage.variables[variable];
  const [, key] = /^context\.(.+)$/.exec(expression) ?? [];
  return key === undefined ? undefined : contextValue(call, key);
}

/** A variable of `$context`. */
function contextValue(call: RestCall, key: string): string | undefined {
  const { api, httpMethod, identity, requestId, extendedRequestId, resourcePath, stage } = call;
  const [, claim] = /^authorizer\.(.+)$/.exec(key) ?? [];
  if (claim?.startsWith('claims.')) return identity.claims?.[claim.slice('claims.'.length)];
  if (claim === 'integrationLatency') return identity.authorizerLatency?.toString();
  if (claim !== undefined) return identity.authorizer?.[claim];
  const values: Readonly<Record<string, string | undefined>> = {
    accountId: api.account,
    apiId: api.apiId,
    extendedRequestId,
    httpMethod,
    'identity.apiKey': identity.apiKey?.value,
    'identity.sourceIp': call.request.socket.remoteAddress,
    'identity.userAgent': headerOf(call.request, 'user-agent'),
    path: `/${stage.stageName}${call.path}`,
    requestId,
    resourceId: call.method.resourceId,
    resourcePath,
    stage: stage.stageName,
  };
  return values[key];
}
