/** Every row of the pages of the front ends that is labelled documented or measured names the test that proves it here. */
import { expectProofs, type Proofs, provableRows } from '../row-proofs';

const REST = 'test/local/front-ends/rest-api.test.ts';
const AUTH = 'test/local/front-ends/rest-api-authorization.test.ts';
const HTTP = 'test/local/front-ends/http-api.test.ts';
const CDN = 'test/local/front-ends/cloudfront.test.ts';
const SITE = 'test/local/front-ends/cloudfront-site.test.ts';
const EDGE = 'test/local/front-ends/cloudfront-lambda.test.ts';
const RARE = 'test/local/front-ends/rare-cases.test.ts';
const CLOCK = 'test/local/clock.test.ts';
const CLOCKS = 'limits of time and of silence end what is too slow';

const PROOFS: Readonly<Record<string, Proofs>> = {
  'docs/local-rest-api.md': {
    'The most specific resource': [REST, 'a parameter where the literal has no such method'],
    'A slash at the end': [REST, 'a slash at its end'],
    'No such path or method': [REST, '%s is 403 Missing Authentication Token'],
    '`X-HTTP-Method-Override`': [RARE, 'a header changes the method of a REST API'],
    'A URL, as long as': [
      RARE,
      'a URL of 8,192 characters, optimized for the edge',
      'a URL of 10,240 characters in a region',
    ],
    'Values of headers': [RARE, '10,240 bytes of values of headers'],
    'With authorization or a resource policy': [RARE, '1,600 bytes in the ARN of a method it asks about'],
    'A bare `': [RARE, 'a %s must be encoded', 'a semicolon parts parameters'],
    'Payload format 1.0': [REST, 'is payload format 1.0'],
    'What is absent is `null`': [REST, 'has null for what is absent'],
    'Header names in the letter case': [REST, 'is payload format 1.0'],
    'On an edge-optimized API': [RARE, 'sees headers of CloudFront, and not those that the viewer made up'],
    'A body is base64 where': [REST, 'has a body of a binary type in base64'],
    'Stage variables': [RARE, 'a stage variable names the function'],
    "The function's policy must let in": [REST, 'is 502 when the function fails, and 500 when it may not be invoked'],
    'Lambda refuses (permission': [REST, 'is 502 when the function fails, and 500 when it may not be invoked'],
    '`BUFFERED`: every member': [REST, 'merges headers, and gives names of the gateway another name'],
    '`BUFFERED`: base64': [REST, 'is decoded only where the first type that is asked for is binary'],
    '`STREAM`: the prelude and its': [
      REST,
      'arrives while it is written, with the status, headers and cookies of the prelude',
    ],
    'The timeout, 29 s': [REST, 'is cut at the timeout of the integration, which bounds the whole of it'],
    'A stream that is silent': [CLOCK, CLOCKS],
    'A request of more than 10 MB': [REST, '413 for a body of more than 10 MB'],
    '`X-Amz-Tenant-Id`': [RARE, 'a mapping gives the tenant, and sets no header of the connection'],
    '`AWS_IAM`: signed': [AUTH, 'lets in whom a policy allows the path that is called'],
    'A resource policy on an API': [AUTH, 'lets in to open methods whom it allows, and nobody else'],
    '`CUSTOM`: `TOKEN`': [AUTH, 'the word Unauthorized'],
    'Answers are kept by identity source': [AUTH, 'is asked once for a token; its policy decides anew for each method'],
    '`requestContext.authorizer` has': [AUTH, 'gives its context to the event, as strings, and how long it took'],
    'A `Resource` of the policy': [AUTH, 'a Resource of more than 512 characters'],
    "The resource policy's denies": [AUTH, 'or the authorizer allows, and its denies win'],
    'A required API key': [AUTH, 'a required key must be enabled and in a plan of the stage'],
    '`COGNITO_USER_POOLS`': [AUTH, 'wants an access token with a scope where the method has scopes'],
    'Its claims are in': [AUTH, 'lets in a user with an ID token of its pool, whose claims are in the event'],
    'Beside a user pool': [RARE, 'a resource policy decides beside a user pool'],
    '`MOCK` integrations': [REST, 'CORS preflight, as the CDK writes it'],
    'Gateway responses:': [REST, 'that is late is answered by the gateway, in the words of the API'],
    'Required parameters': [REST, '400 for parameters that must be there'],
  },
  'docs/local-http-api.md': {
    'A stage that the first step': [HTTP, 'a stage of that name first, which the raw path keeps'],
    'A request line and values': [HTTP, 'the request line and the values of headers have 10,240 bytes at most'],
    'Events are payload format 2.0': [HTTP, 'the event is payload format 2.0'],
    'Text, JSON, XML and JavaScript': [HTTP, 'the event is payload format 2.0'],
    'Without `statusCode`': [HTTP, 'is any JSON without a status, and what its members say with one'],
    'The function fails, or may not': [
      HTTP,
      'is 500 when the function fails or may not be invoked, 503 when it is late',
    ],
    'A CORS configuration': [HTTP, 'the CORS configuration answers preflight and wins over the function'],
    '`AWS_IAM`: signed': [HTTP, 'AWS_IAM lets in whom a policy allows'],
    'Lambda authorizers with': [HTTP, 'is asked once for all routes, and its context is in the event'],
    'A Lambda authorizer that has not': [
      'test/local/front-ends/http-authorizer-clock.test.ts',
      'a Lambda authorizer has ten seconds',
    ],
    'JWT authorizers': [HTTP, 'refuses %s with 401'],
    'Claims are in': [HTTP, 'lets in whoever has a token for its audience, whose claims are in the event'],
  },
  'docs/local-cloudfront.md': {
    'The first behavior': [CDN, 'with a policy of its own: what that lists'],
    'A method that is not in': [RARE, 'a distribution that is disabled refuses everybody'],
    'An address of more than': [CDN, 'an address of more than 8,192 characters'],
    'A request line and headers': [CDN, 'a request line and headers of more than 20,480 bytes'],
    '`DefaultRootObject`': [CDN, 'the root object for the root alone, and the stage of an API'],
    'Without an origin request policy': [CDN, 'without an origin request policy: no query, no cookies, no headers'],
    'Refused at deployment: origin': [
      'test/local/resources/cloudfront-distribution.test.ts',
      'an origin cannot have the custom header %s',
      'an error page is for the statuses that may have one',
      'a CloudFront Function has 10 KB of code and not one byte more',
    ],
    '`X-Forwarded-For`': [CDN, 'without an origin request policy: no query, no cookies, no headers'],
    'Origin access control:': [CDN, 'sees CloudFront as its caller, whatever the viewer signs with'],
    'With `no-override` what': [RARE, 'CloudFront signs not at all, or where the viewer'],
    'A body without': [CDN, 'takes a body with its hash, and no other'],
    'Silence of the origin': [CLOCK, CLOCKS],
    '`GET` and `HEAD` are asked': [
      SITE,
      'a silent origin is asked again for GET and HEAD, as often as it has attempts',
    ],
    'The whole of a response': [RARE, 'a response that takes too long as a whole is cut'],
    'A response that breaks off': [CDN, 'is cut where the function fails after its first byte'],
    'A bucket of the stacks': [SITE, 'what is missing is 403, for which the error page stands with its status'],
    'A website of a bucket is': [
      'test/local/services/s3/website-route.test.ts',
      '%s%s answers %d',
      'a website is read and not written',
      'a distribution has a website as its origin',
    ],
    '`BucketDeployment` fills it': [SITE, 'a distribution serves what BucketDeployment put into its bucket'],
    'An error page': [SITE, 'what is missing is 403, for which the error page stands with its status'],
    'A response headers policy': [CDN, 'adds, keeps, overrides and removes headers'],
    'With `Server-Timing` the': [RARE, 'a policy adds the times of CloudFront to those of the origin'],
    'Headers for CORS': [CDN, 'answers requests of the origins it allows, and tells a preflight'],
    'A CloudFront Function for': [CDN, 'changes the request before it goes on'],
    'A function for requests that': [
      [CDN, 'that adds or edits %s is a 502', 'does not see some headers, and those that are read-only stay'],
      [EDGE, 'one before the cache may answer, and one that fails or returns nothing is 502'],
    ],
    'Lambda@Edge for `viewer-request`': [
      EDGE,
      'a function before the origin sees the body and signs for it, and changes what goes on',
    ],
    'One that fails, or returns': [
      EDGE,
      'one before the cache may answer, and one that fails or returns nothing is 502',
    ],
    'Lambda@Edge for `origin-response`': [
      EDGE,
      'a function for what the origin answers changes status, headers and body, of errors too',
      'one for what goes to the viewer changes headers, and never sees an error',
    ],
    'A header that such a function may not touch': [EDGE, '%s is 502: it %s'],
    '`cloudfront.experimental.EdgeFunction`': [EDGE, 'a function before the origin sees the body'],
  },
};

describe.each(Object.entries(PROOFS))('%s', (page, proofs) => {
  expectProofs([...provableRows(page).values()].flat(), proofs);
});
