/** What the deploy engine writes and the HTTP API front end reads. Plain, immutable data: a change makes a new object. */

/** An HTTP API (version 2) of API Gateway with everything that hangs on it. */
export interface HttpApiState {
  /** Ten letters and digits: the first label of its host on AWS. */
  readonly apiId: string;
  readonly account: string;
  readonly region: string;
  readonly partition: string;
  readonly cors: Readonly<Record<string, unknown>> | undefined;
  /** The address of its own is switched off. */
  readonly disabled: boolean;
  /** What this API is that nobody plays here; calls are refused with it. */
  readonly unplayed: string | undefined;
  /** By id. */
  readonly routes: ReadonlyMap<string, HttpRouteState>;
  readonly integrations: ReadonlyMap<string, HttpIntegration>;
  readonly authorizers: ReadonlyMap<string, HttpAuthorizer | JwtAuthorizer>;
  /** Variables by the name of the stage. */
  readonly stages: ReadonlyMap<string, Readonly<Record<string, string>>>;
}

export interface HttpRouteState {
  /** `GET /users/{id}`, `ANY /x` or `$default`. */
  readonly routeKey: string;
  readonly authorization: HttpAuthorization;
  readonly integrationId: string;
}

export type HttpAuthorization =
  | { readonly kind: 'none' }
  | { readonly kind: 'iam' }
  | { readonly kind: 'custom'; readonly authorizerId: string }
  /** One of `scopes`, if there are any, must be in the token. */
  | { readonly kind: 'jwt'; readonly authorizerId: string; readonly scopes: readonly string[] };

export type HttpIntegration =
  | {
      readonly kind: 'lambda';
      /** May hold `${stageVariables.name}`. */
      readonly functionArn: string;
      readonly timeoutMs: number;
      readonly credentials: string | undefined;
    }
  /** Calls are refused with what it is. */
  | { readonly kind: 'unplayed'; readonly what: string };

/** Lets in whoever has a token of its issuer. */
export interface JwtAuthorizer {
  readonly type: 'JWT';
  readonly issuer: string;
  /** Whom tokens must be for; one is enough. */
  readonly audience: readonly string[];
  readonly identitySources: readonly string[];
}

export interface HttpAuthorizer {
  readonly type: 'REQUEST';
  readonly authorizerId: string;
  readonly functionArn: string;
  readonly credentials: string | undefined;
  /** `$request.header.Auth`, …; the cache is kept by their values. */
  readonly identitySources: readonly string[];
  readonly simpleResponses: boolean;
  /** 0 keeps nothing. */
  readonly ttlSeconds: number;
}
