/** What the deploy engine writes and the CloudFront front end reads. Plain, immutable data. */

export interface DistributionState {
  /** `E…`. */
  readonly distributionId: string;
  /** `arn:aws:cloudfront::<account>:distribution/<id>`: the source of its requests to functions. */
  readonly arn: string;
  readonly enabled: boolean;
  readonly defaultRootObject: string;
  /** In the order of the template; the default behavior is the last and has the pattern `*`. */
  readonly behaviors: readonly BehaviorState[];
  /** By the id within the distribution. */
  readonly origins: ReadonlyMap<string, OriginState>;
  /** By the status that they are for. */
  readonly errorPages: ReadonlyMap<number, ErrorPage>;
}

interface ErrorPage {
  readonly pagePath: string;
  /** @default - the status that it is for */
  readonly responseCode?: number;
}

export interface BehaviorState {
  readonly pathPattern: string;
  readonly originId: string;
  readonly allowedMethods: readonly string[];
  readonly forwarding: Forwarding;
  /** ARN of the CloudFront Function that sees each request first. */
  readonly viewerRequest: string | undefined;
  /** Lambda@Edge before the cache, and before the origin. */
  readonly viewerTrigger: EdgeTrigger | undefined;
  readonly originTrigger: EdgeTrigger | undefined;
  /** Lambda@Edge for what the origin answers. */
  readonly originResponseTrigger: EdgeTrigger | undefined;
  /** For what goes to the viewer: Lambda@Edge, or the ARN of a CloudFront Function. */
  readonly viewerResponseTrigger: EdgeTrigger | undefined;
  readonly viewerResponse: string | undefined;
  /** What becomes of the headers of its responses. */
  readonly responseHeaders: ResponseHeaders | undefined;
  /** What the behavior asks for and nobody here does; requests are refused with it. */
  readonly unplayed: string | undefined;
}

/** A Lambda@Edge function, and when it runs. */
export interface EdgeTrigger {
  readonly eventType: 'viewer-request' | 'origin-request' | 'origin-response' | 'viewer-response';
  /** Of a version. */
  readonly functionArn: string;
  readonly includeBody: boolean;
}

export interface EdgeFunctionState {
  readonly name: string;
  readonly code: string;
  /** What keeps it from being run here. */
  readonly unplayed: string | undefined;
}

/** What of a request reaches the origin: all, or what is listed, in lower case for headers. */
export interface Forwarding {
  readonly headers: Selection;
  /** With all headers, that of the viewer's `Host` too. */
  readonly host: boolean;
  readonly queryString: Selection;
  readonly cookies: Selection;
}

export type Selection =
  | { readonly kind: 'all' }
  | { readonly kind: 'listed'; readonly names: readonly string[] }
  | { readonly kind: 'all-except'; readonly names: readonly string[] };

export interface OriginState {
  readonly domainName: string;
  readonly originPath: string;
  readonly port: number;
  readonly customHeaders: Readonly<Record<string, string>>;
  readonly readTimeoutMs: number;
  /** How long the whole of a response may take. */
  readonly completionTimeoutMs: number | undefined;
  /** Of `GET` and `HEAD`, when the origin is silent. */
  readonly connectionAttempts: number;
  /** How CloudFront signs; undefined without an origin access control. */
  readonly signing: SigningBehavior | undefined;
}

export type SigningBehavior = 'always' | 'never' | 'no-override';

/** A response headers policy; names are in lower case. */
export interface ResponseHeaders {
  readonly remove: readonly string[];
  readonly cors: CorsHeaders | undefined;
  readonly add: readonly AddedHeader[];
  /** How many responses of a hundred have the header `Server-Timing`; undefined for none, whatever a viewer asks for. */
  readonly serverTiming: number | undefined;
}

export interface AddedHeader {
  readonly name: string;
  readonly value: string;
  /** Whether that of the origin gives way. */
  readonly overrides: boolean;
}

export interface CorsHeaders {
  readonly origins: readonly string[];
  readonly credentials: boolean;
  readonly allowHeaders: readonly string[];
  readonly allowMethods: readonly string[];
  readonly exposeHeaders: readonly string[];
  readonly maxAge: string | undefined;
  /** Whether those of the origin give way. */
  readonly overrides: boolean;
}
