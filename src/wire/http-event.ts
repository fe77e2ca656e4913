/**
 * The HTTP events a function may get, as far as a request is made of them.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html payload 2.0: function URL, HTTP API
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html payload 1.0: REST API
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html load balancer
 */

type Values<Value> = Readonly<Record<string, Value | undefined>> | null;

/** Payload 2.0, payload 1.0 and a load balancer's event in one. */
export interface HttpEvent {
  readonly requestContext: {
    /** Payload 2.0. */
    readonly http?: { readonly method?: string; readonly sourceIp?: string };
    /** Payload 1.0. */
    readonly identity?: { readonly sourceIp?: string };
    /** Load balancer. */
    readonly elb?: object;
    readonly domainName?: string;
    readonly [more: string]: unknown;
  };
  readonly httpMethod?: string;
  readonly rawPath?: string;
  readonly path?: string;
  readonly rawQueryString?: string;
  readonly queryStringParameters?: Values<string>;
  readonly multiValueQueryStringParameters?: Values<readonly string[]>;
  readonly headers?: Values<string>;
  readonly multiValueHeaders?: Values<readonly string[]>;
  readonly cookies?: readonly string[];
  readonly body?: string | null;
  readonly isBase64Encoded?: boolean;
}

/** The event as one of HTTP; undefined where it is none. */
export function httpEventOf(event: unknown): HttpEvent | undefined {
  const { requestContext, httpMethod }: Partial<HttpEvent> = Object(event);
  // A REST API has the method in both places, a load balancer outside only.
  const isHttp = requestContext && (requestContext.http || requestContext['httpMethod'] || httpMethod);
  return isHttp ? (event as HttpEvent) : undefined;
}
