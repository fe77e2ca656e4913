/** What the deploy engine writes and the REST API front end reads. Plain, immutable data: a change makes a new object. */

import type { PolicyDocument } from './policy-document';

/** A REST API of API Gateway with everything that hangs on it. */
export interface RestApiState {
  /** Ten letters and digits: the first label of its host on AWS. */
  readonly apiId: string;
  readonly account: string;
  readonly region: string;
  readonly partition: string;
  readonly name: string;
  readonly rootResourceId: string;
  /** The resource policy, with whole ARNs. */
  readonly policy: PolicyDocument | undefined;
  readonly binaryMediaTypes: readonly string[];
  /** `EDGE`, `REGIONAL` or `PRIVATE`. */
  readonly endpointType: string;
  /** The address of its own is switched off. */
  readonly disabled: boolean;
  readonly apiKeySource: string;
  /** What this API has that nobody can call here; calls are refused with it. */
  readonly unplayed: string | undefined;
  /** By id; the root is one of them. */
  readonly resources: ReadonlyMap<string, RestResource>;
  /** By {@link methodKey}. */
  readonly methods: ReadonlyMap<string, RestMethod>;
  /** By name. */
  readonly stages: ReadonlyMap<string, RestStage>;
  /** By id. */
  readonly authorizers: ReadonlyMap<string, RestAuthorizer | UserPoolAuthorizer>;
  /** Whether a request validator looks at parameters, by its id. */
  readonly validators: ReadonlyMap<string, boolean>;
  /** By response type, such as `DEFAULT_4XX`. */
  readonly gatewayResponses: ReadonlyMap<string, GatewayResponseState>;
}

interface RestResource {
  readonly resourceId: string;
  /** Undefined for the root. */
  readonly parentId: string | undefined;
  /** `users`, `{id}` or `{proxy+}`; empty for the root. */
  readonly pathPart: string;
}

export interface RestMethod {
  readonly resourceId: string;
  /** `GET` … or `ANY`. */
  readonly httpMethod: string;
  readonly authorization: RestAuthorization;
  readonly apiKeyRequired: boolean;
  /** Request parameters that must be there, as `method.request.querystring.name`, where the validator asks for them. */
  readonly requiredParameters: readonly string[];
  readonly validatorId: string | undefined;
  readonly integration: RestIntegration;
}

export type RestAuthorization =
  | { readonly kind: 'none' }
  | { readonly kind: 'iam' }
  | { readonly kind: 'custom'; readonly authorizerId: string }
  /** One of `scopes` must be in an access token; without any an ID token is wanted. */
  | { readonly kind: 'user-pool'; readonly authorizerId: string; readonly scopes: readonly string[] };

export interface RestAuthorizer {
  readonly authorizerId: string;
  readonly type: 'TOKEN' | 'REQUEST';
  /** May hold `${stageVariables.name}`. */
  readonly functionArn: string;
  /** Role that API Gateway calls the function with. */
  readonly credentials: string | undefined;
  /** `method.request.header.Auth`, …; the cache is kept by their values. */
  readonly identitySources: readonly string[];
  readonly identityValidation: string | undefined;
  /** 0 keeps nothing. */
  readonly ttlSeconds: number;
}

/** Lets in whoever has a token of one of its pools. */
export interface UserPoolAuthorizer {
  readonly type: 'COGNITO_USER_POOLS';
  /** ARNs. */
  readonly userPools: readonly string[];
  /** `method.request.header.Authorization`. */
  readonly identitySource: string;
}

export type RestIntegration =
  | {
      readonly kind: 'lambda';
      /** May hold `${stageVariables.name}`. */
      readonly functionArn: string;
      readonly stream: boolean;
      readonly timeoutMs: number;
      /** Role that API Gateway calls the function with. */
      readonly credentials: string | undefined;
      /** `integration.request.header.X` to a mapping expression. */
      readonly requestParameters: Readonly<Record<string, string>>;
    }
  | {
      readonly kind: 'mock';
      readonly requestTemplates: Readonly<Record<string, string>>;
      readonly passthroughBehavior: string;
      readonly responses: readonly MockResponse[];
    }
  /** Calls are refused with what it is. */
  | { readonly kind: 'unplayed'; readonly what: string };

interface MockResponse {
  readonly selectionPattern: string;
  readonly statusCode: number;
  /** `method.response.header.X` to a mapping expression. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly templates: Readonly<Record<string, string>>;
}

export interface RestStage {
  readonly stageName: string;
  readonly deploymentId: string;
  readonly variables: Readonly<Record<string, string>>;
}

export interface GatewayResponseState {
  readonly statusCode: number | undefined;
  /** `gatewayresponse.header.X` to a mapping expression. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly templates: Readonly<Record<string, string>>;
}

/** The key of a method in {@link RestApiState.methods}. */
export function methodKey(resourceId: string, httpMethod: string): string {
  return `${resourceId} ${httpMethod}`;
}

export interface ApiKeyState {
  readonly keyId: string;
  readonly value: string;
  readonly enabled: boolean;
}

export interface UsagePlanState {
  /** The stages whose callers may use keys of the plan. */
  readonly stages: readonly { readonly apiId: string; readonly stageName: string }[];
  readonly keyIds: readonly string[];
}
