/** The events of the front ends, as AWS documents them, for requests written in a few words. */

/** An event as JSON. */
export type JsonEvent = Readonly<Record<string, unknown>>;

const DOMAIN = 'abcdefghijklmnop.lambda-url.eu-west-1.on.aws';
const HEADERS = { host: DOMAIN, accept: '*/*', 'x-forwarded-proto': 'https', 'x-forwarded-for': '203.0.113.7' };

/**
 * Payload 2.0: a function URL, or an HTTP API.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads
 */
export function payload2(path: string, changes: JsonEvent = {}, method = 'GET'): JsonEvent {
  const [rawPath = '', rawQueryString = ''] = path.split('?');
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath,
    rawQueryString,
    headers: HEADERS,
    requestContext: {
      accountId: 'anonymous',
      apiId: 'abcdefghijklmnop',
      domainName: DOMAIN,
      domainPrefix: 'abcdefghijklmnop',
      http: { method, path: rawPath, protocol: 'HTTP/1.1', sourceIp: '203.0.113.7', userAgent: 'test' },
      requestId: 'id',
      routeKey: '$default',
      stage: '$default',
      time: '22/Nov/2026:12:00:00 +0000',
      timeEpoch: 1_795_348_800_000,
    },
    isBase64Encoded: false,
    ...changes,
  };
}

/**
 * Payload 1.0: a REST API.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
 */
export function payload1(path: string, changes: JsonEvent = {}, httpMethod = 'GET'): JsonEvent {
  const host = 'abc123.execute-api.eu-west-1.amazonaws.com';
  return {
    resource: '/{proxy+}',
    path,
    httpMethod,
    headers: { Host: host, 'X-Forwarded-Proto': 'https' },
    multiValueHeaders: { Host: [host], 'X-Forwarded-Proto': ['https'] },
    queryStringParameters: null,
    multiValueQueryStringParameters: null,
    pathParameters: { proxy: path.slice(1) },
    stageVariables: null,
    requestContext: {
      accountId: '111111111111',
      apiId: 'abc123',
      domainName: host,
      httpMethod,
      identity: { sourceIp: '203.0.113.7', userAgent: 'test' },
      path: `/prod${path}`,
      protocol: 'HTTP/1.1',
      requestId: 'id',
      resourcePath: '/{proxy+}',
      stage: 'prod',
    },
    body: null,
    isBase64Encoded: false,
    ...changes,
  };
}

/**
 * A load balancer.
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html#receive-event-from-load-balancer
 */
export function loadBalancer(path: string, changes: JsonEvent = {}, httpMethod = 'GET'): JsonEvent {
  return {
    requestContext: { elb: { targetGroupArn: 'arn:aws:elasticloadbalancing:eu-west-1:111111111111:targetgroup/t/1' } },
    httpMethod,
    path,
    queryStringParameters: {},
    headers: {
      host: 'lb-1.eu-west-1.elb.amazonaws.com',
      'x-forwarded-for': '198.51.100.2, 203.0.113.7',
      'x-forwarded-port': '80',
      'x-forwarded-proto': 'http',
    },
    body: '',
    isBase64Encoded: false,
    ...changes,
  };
}

/** A POST in payload 2.0; bytes go as base64. */
export const post = (path: string, body: string | Uint8Array, changes: JsonEvent = {}): JsonEvent =>
  payload2(
    path,
    {
      body: typeof body === 'string' ? body : Buffer.from(body).toString('base64'),
      isBase64Encoded: typeof body !== 'string',
      ...changes,
    },
    'POST',
  );
