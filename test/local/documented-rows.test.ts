/** Every row of src/local/README.md and docs/local-cdk-cli.md that is labelled documented or measured names the test that proves it here. */
import { expectProofs, type Proofs, provableRows } from './row-proofs';

const L = 'test/local';
const README = 'src/local/README.md';
const CLI = 'docs/local-cdk-cli.md';

const ASSEMBLY = `${L}/assembly/read-assembly.test.ts`;
const GRAPH = `${L}/assembly/resource-graph.test.ts`;
const ENGINE = `${L}/engine/deploy-engine.test.ts`;
const UPDATE = `${L}/engine/deploy-update.test.ts`;
const BORDER = `${L}/engine/account-border.test.ts`;
const NESTED = `${L}/engine/nested-stacks.test.ts`;
const ROLLBACK = `${L}/engine/rollback-stack.test.ts`;
const ROOT = `${L}/engine/task-root.test.ts`;
const CODE = `${L}/engine/code-store.test.ts`;
const REFERENCES = `${L}/engine/dynamic-references.test.ts`;
const CUSTOM = `${L}/custom-resources/custom-resources.test.ts`;
const TYPES = `${L}/resources/resource-types.test.ts`;
const RESOURCE_TAGS = 'test/local/resources/resource-tags.test.ts';
const INERT = `${L}/resources/inert-types.test.ts`;
const LAYERS = `${L}/resources/lambda-layer-version.test.ts`;
const DESTINATIONS = `${L}/resources/destination-arn.test.ts`;
const TABLES = `${L}/resources/dynamodb-table.test.ts`;
const STACKS = `${L}/services/cloudformation/stack-life.test.ts`;
const STACK_RIGHTS = `${L}/services/cloudformation/authorization.test.ts`;
const CONTROL = `${L}/services/control-plane.test.ts`;
const CALLS = `${L}/services/call-permissions.test.ts`;
const SERVICES = `${L}/services/service-route.test.ts`;
const SESSIONS = `${L}/services/narrowed-sessions.test.ts`;
const S3 = `${L}/services/s3/s3.test.ts`;
const S3_BODY = `${L}/services/s3/receive-body.test.ts`;
const SITE = `${L}/front-ends/cloudfront-site.test.ts`;
const ASSUME = `${L}/iam/assume-role.test.ts`;
const FEDERATED = `${L}/iam/federated-identity.test.ts`;
const TOKENS = `${L}/services/sts/web-identity.test.ts`;
const IAM_CONTEXT = `${L}/iam/authorize.test.ts`;
const ENVIRONMENT = `${L}/runtime/execution-environment.test.ts`;
const POOL = `${L}/runtime/environment-pool.test.ts`;
const PROGRAM = `${L}/runtime/runtime-program.test.ts`;
const CALLBACKS = `${L}/runtime/callback-handler.test.ts`;
const ISOLATION = `${L}/runtime/isolation.test.ts`;
const TAIL = `${L}/runtime/log-tail.test.ts`;
const ADAPTER = `${L}/runtime/web-adapter.test.ts`;
const EXIT = `${L}/start-local-exit.test.ts`;
const API = `${L}/operations/lambda-api.test.ts`;
const INVOKE = `${L}/operations/invoke.test.ts`;
const STREAM = `${L}/operations/stream-behaviour.test.ts`;
const COMPLETE = `${L}/operations/invoke-with-response-stream.test.ts`;
const FAILING = `${L}/operations/failing-function-cases.ts`;
const QUEUE = `${L}/operations/async-queue.test.ts`;
const FUNCTIONS = `${L}/operations/update-function.test.ts`;
const GET = `${L}/operations/get-function.test.ts`;
const URL = `${L}/operations/function-url.test.ts`;
const SIGNATURES = `${L}/http/sigv4.test.ts`;
const HOSTILE = `${L}/hostile/requests.test.ts`;
const REAL_CLI = 'test-slow/local/cdk-cli.test.ts';
const FRAMEWORK = 'test-slow/local/provider-framework.test.ts';
/** Rules and cases that `test/local/iam/evaluate.test.ts` runs. */
const cases = (name: string) => `test/iam-cases/${name}.json`;

const TAKEN_BACK = 'a rollback that fails says so, is continued, and the next deployment works';
const ONE_OBJECT = 'comes back byte for byte with its headers, whole or in part';
const AS_SUCCESS = 'looks like success to the stream and is told by the log tail, as observed on AWS';
const BY_TRAILERS = 'is told by InvokeComplete where errors are reported by trailers';

/** By the heading of the section. */
const PROOFS: Readonly<Record<string, Proofs>> = {
  'Deploy engine': {
    'Stacks deploy one after': [ASSEMBLY, 'orders stacks by their dependencies'],
    'Resources deploy one at': [GRAPH, 'puts what is referred to first, by Ref, GetAtt, Sub and DependsOn'],
    'The `cdk` CLI and clients': [
      [CONTROL, 'CloudFormation tells of stacks that were deployed without it'],
      [REAL_CLI, 'deploys an app with assets small and large, again, changes and destroys it'],
    ],
    'The value of a parameter with `NoEcho`': [CONTROL, 'a template that names what it needs is asked for it'],
    'What a change set says': [STACKS, 'a change set says what is replaced, and what may be because of that'],
    'A creation that fails leaves': [
      [STACKS, 'a resource has no id of more than 1 KB', 'an export in use keeps its stack'],
      [ROLLBACK, 'keeps what a failed creation has made, until it is rolled back or repaired'],
    ],
    'The roles of the default synthesizer': [STACK_RIGHTS, 'may what those of `cdk bootstrap` may'],
    'A failure drops the copy': [UPDATE, 'leaves nothing of its stack behind', 'rolls an update back to the last byte'],
    'Replacement makes the new resource': [CUSTOM, 'is created, updated, replaced and deleted by its provider'],
    'Deletions run in the reverse': [ENGINE, 'removes everything that is not retained, the last stack first'],
    'A nested stack is a part': [
      [NESTED, 'deploy with their parameters and outputs, and are updated', 'fail as one with their parent'],
      [NESTED, 'keep what others import'],
    ],
    '`Rules` are checked first': [NESTED, 'rules decide about its parameters'],
    'A type cannot change': [UPDATE, 'refuses another type under the same logical id'],
    'Generated names are': [ENGINE, 'generates names that fit, and the same ones in every process'],
    '`DeletionPolicy: Retain`': [UPDATE, 'keeps what is to be retained'],
    'An export has one owner': [ENGINE, 'have one owner', 'cannot change or go while', 'same account and region only'],
    'Function code is copied': [
      [CODE, 'is a copy of the staged folder, a new one when something in it changed'],
      [ROOT, "is CommonJS in a project of type 'module'", 'does not find the node_modules of the project'],
    ],
    '`@aws-sdk/*` and `@smithy/*`': [ROOT, 'finds the AWS SDK that the runtime has', 'takes the SDK of the project'],
  },
  Resources: {
    'A permission for a role': [ENGINE, 'must exist when a permission names them', 'of accounts that are not here'],
    'A deleted role leaves': [ENGINE, 'stay dead in the policies that named them', 'stay dead in trust policies too'],
    'A trust policy that names a missing role': [ENGINE, 'must exist when a trust policy names them'],
    'The execution role must exist': [ENGINE, 'of functions must be assumable by Lambda'],
    'A version publishes `$LATEST`': [UPDATE, 'never gives a version number twice', 'refuses to publish what has not'],
    'Records of events go to a queue': [DESTINATIONS, 'records go to queues, topics, functions and event buses'],
    'A version cannot go while': [UPDATE, 'keeps a version that an alias points to, which leaves the stack'],
    '`$LATEST` has no resource-based policy': [TYPES, '$LATEST cannot have a resource-based policy'],
    'A principal of twelve digits': [TYPES, 'writes the statement AWS writes for %s'],
    '`AWS::Lambda::ResourcePolicy` replaces': [TYPES, 'is the whole policy of its ARN, and goes with it'],
    'Each layer of the stacks': [
      LAYERS,
      'require finds the packages of layers',
      "invoke('import a')).toBe('ERR_MODULE_NOT_FOUND')",
    ],
    'A layer of another account': [BORDER, 'a layer is for functions of accounts that it lets in, and of its region'],
    'Through CloudFormation conditions hear': [STACK_RIGHTS, 'tells conditions of the resources what it makes'],
    'A handler whose file is missing': [
      [ENGINE, 'warns of a handler that no file provides'],
      [FAILING, 'a module that does not exist'],
    ],
    "The CDK's cross-region exports": [REFERENCES, 'a value of another region goes through the export writer'],
    'Providers of custom resources run': [
      [CUSTOM, 'is created, updated, replaced and deleted by its provider', 'whose provider %s is told apart'],
      [CUSTOM, 'AwsCustomResource asks the services of the target'],
    ],
    'A failed deployment asks them': [CUSTOM, 'that fails undoes what its stack has done so far'],
    '`Delete` that fails after an update': [
      [CUSTOM, 'whose provider cannot delete it leaves a warning'],
      [STACKS, 'what cannot be deleted is retained on request, once that has failed'],
    ],
    'Without an answer: AWS waits': [CUSTOM, "'says nothing', { Silent: true, ServiceTimeout: 1 }"],
    "The state machine of the CDK's provider": [FRAMEWORK, 'isComplete is asked until it says so'],
    '`BucketDeployment` is done': [SITE, 'a deployment prunes what is gone, one that fails brings it back'],
    'What the target does in the place': [STACK_RIGHTS, 'does by a custom resource that is played what its provider'],
    'A function or a layer has its code': [FUNCTIONS, 'code in a bucket is for those who may read the object'],
    'A role that a resource hands': [
      [STACK_RIGHTS, 'hands a role to a gateway or a state machine only for whoever may pass it'],
      [FUNCTIONS, 'a role is given by those who may pass it to Lambda'],
    ],
    'Policies of queues, topics and secrets': [BORDER, 'queues, topics and secrets of another account let in whom'],
    'Inert types give a name': [INERT, 'has names in the form of AWS'],
  },
  IAM: {
    'Explicit deny, in any policy': [cases('explicit-deny'), 'An explicit deny in any policy wins over everything'],
    'Same account: identity-based or': [
      [cases('same-account'), 'an identity-based or a resource-based policy that allows is enough'],
      [cases('same-account'), 'delegates to the identity-based policies of that account'],
    ],
    'Other account: both': [cases('cross-account'), 'Across accounts the policies of both accounts must allow.'],
    'Several principals in one': [cases('same-account'), 'Several principals in a list are alternatives.'],
    "A statement that names the caller's own": [
      cases('limits-of-a-principal'),
      'A resource-based policy for the session ARN is limited by neither.',
      'A resource-based policy for the role ARN is limited by boundary and session policy.',
    ],
    'A statement for everybody (`*`)': [
      cases('limits-of-a-principal'),
      'A resource-based policy for everybody under aws:PrincipalArn is not limited',
    ],
    '`Principal: "*"` without': [cases('same-account'), 'A star as the principal, alone or as an AWS principal'],
    'Services and anonymous callers': [
      [cases('services'), 'A service needs the resource-based policy only.'],
      [cases('function-urls'), 'anybody on a public URL'],
    ],
    'A wildcard in a resource stays': [cases('qualified-arns'), 'A star that is the last character of a segment'],
    'ARN operators compare': [cases('condition-numbers-dates-and-more'), 'each of the six components on its own'],
    'A missing key: positive': [
      [cases('condition-text'), 'A key that the request does not have matches nothing', 'IfExists makes an operator'],
      [cases('condition-sets'), 'ForAllValues, key missing', 'ForAnyValue, key missing'],
    ],
    'Policy variables exist under': [
      cases('policy-variables'),
      'Without Version, or with the older one, a variable is literal text.',
      'Variables exist in the resource part of an ARN only, behind the fifth colon.',
    ],
    'A variable without a value': [cases('policy-variables'), 'A variable that cannot be resolved makes its statement'],
    'A key of several values': [cases('policy-variables'), 'A key of several values cannot be a variable.'],
    '`NotPrincipal` with `Deny` spares': [
      [cases('explicit-deny'), 'A deny with NotPrincipal always denies a principal that has a permissions boundary'],
      [`${L}/iam/policy-problem.test.ts`, "must not have NotPrincipal with the Effect 'Allow'"],
    ],
    'A function that assumes a role': [
      SESSIONS,
      'a session is narrowed by the Policy it was assumed with',
      'service control policies bind who assumes a role',
      'exceeds the 1 hour session limit',
    ],
    'Roles are assumed when': [ASSUME, 'a role of a trusted account needs its own policy', 'does not name is refused'],
    'A user has its own policies': [
      `${L}/resources/iam-user.test.ts`,
      'may what its own policies, those of its groups',
      'is held by its permissions boundary, but for what a function allows it by name',
    ],
    'Whom an identity provider vouches': [
      FEDERATED,
      'by its claims or by what',
      'tags that may not',
      'and no provider',
    ],
    '`AssumeRoleWithWebIdentity` takes': [
      TOKENS,
      'as the same caller of by',
      'nobody gets a session by a token that %s',
      'a role is assumed with %s',
    ],
    'A trust policy sees the condition': [ASSUME, 'a trust policy can ask for %s', 'external id and session name'],
    'Tags of DynamoDB tables, secrets': [RESOURCE_TAGS, 'a Deny by the tag of %s denies'],
    'Tags of roles and functions': [
      [IAM_CONTEXT, '%s %s is known in both halves'],
      [STACK_RIGHTS, 'a session has tags where its role lets them be passed'],
    ],
    'Service control policies are given': [
      cases('service-control'),
      'Every level from the root to the account must allow',
      'They bind no principal from outside of the organization and no service.',
    ],
    'A session is known by its access key': ['test/story/local-refusals.test.ts', 'knows sessions of one role apart'],
  },
  Runtime: {
    'Event loop, handler lookup': [
      [FAILING, 'a handler that is not exported', 'a handler that is not async', 'a throw after the first byte'],
      [STREAM, 'the content type of the function is in the raw header, its prelude in the payload'],
      [INVOKE, 'returns what a buffered handler returns, with version and log tail'],
    ],
    'Up to `nodejs22.x` handlers': [CALLBACKS, 'a callback gives the result', 'a callback that shall not wait does'],
    'On `nodejs24.x` and later': [CALLBACKS, 'on nodejs24.x and later a callback is refused'],
    'An OS-only runtime (`provided.al2023`)': [
      PROGRAM,
      'whose bootstrap %s fails in the words of AWS',
      'a layer may hold the program, and the last one wins',
    ],
    'An OS-only runtime answers': [PROGRAM, 'streams, buffers and fails as its program says'],
    'Behind a layer of the web adapter': [TYPES, 'of an OS-only runtime behind a layer of the web adapter starts'],
    'Python functions run': [
      PROGRAM,
      'gets the event and the context, and returns a value; it answers in one piece',
      'that cannot be loaded says why, in the words of AWS',
      'a Python with the client of AWS runs that one',
    ],
    'Packages of a layer for Python': [PROGRAM, 'finds packages of its layers'],
    'A function with `AWS_LAMBDA_EXEC_WRAPPER': [ADAPTER, 'what the server answers is streamed, with its status'],
    'One invocation at a time': [
      [INVOKE, 'concurrent invocations get environments of their own', 'a warm environment keeps its memory'],
      [POOL, 'of several idle environments the one that was used last is used next'],
    ],
    'New code or configuration': [INVOKE, 'a warm environment keeps its memory; changed code gets a new one'],
    'More than `maxConcurrency`': [
      [STREAM, 'more invocations than may run at once are throttled'],
      [POOL, 'of 1 lets one invocation run at a time'],
    ],
    'Loading may take 10 s': [
      [FAILING, 'a module that never loads'],
      [POOL, 'the time that a function takes to load does not count for its timeout'],
    ],
    'The timeout runs from': [ISOLATION, 'the timeout of its function'],
    "A function sees Lambda's variables": [INVOKE, 'gives the function the context and environment of Lambda'],
    '`LoggingConfig` sets the log': [POOL, 'a function may ask for JSON logs, from a level on'],
    'What a handler starts ends': [ISOLATION, 'nothing that a handler starts survives', 'a process of the function'],
    'START, END and REPORT lines': [TAIL, 'frames what the function logs', 'keeps exactly the last 4 KB'],
    'A handler that throws leaves': [
      [FAILING, 'a throw before the first byte'],
      [TAIL, 'tells a timeout and a dead runtime by status, as AWS does'],
    ],
    'Whatever ends the local target': [
      [ENVIRONMENT, 'when the local target ends by %s, a function that %s ends', 'stop ends busy and idle'],
      [EXIT, 'it ends as the signal would', 'by kill -9, its function'],
    ],
  },
  'Data plane': {
    'One `PayloadChunk` per write': [STREAM, 'each write becomes one payload chunk'],
    '`InvokeComplete` follows': [
      COMPLETE,
      'the end of a stream waits for the function only where the log is asked for',
    ],
    'The content type of the function': [STREAM, 'the content type of the function is in the raw header'],
    'The bandwidth is capped': [STREAM, 'a capped stream takes its time after 6 MiB'],
    'A caller that leaves': [STREAM, 'a caller that leaves does not stop the function, and its environment'],
    'A response ends after 200 MiB': [STREAM, '200 MiB and one byte arrive, the rest is dropped'],
    '`DryRun` and `Event`': [STREAM, 'DryRun and Event run the function, as observed, or DryRun answers 204'],
    '`Invoke` of a streaming handler': [INVOKE, 'joins what a streaming handler writes and keeps its content type'],
    'Events up to 6,291,456 bytes': [
      [API, 'an event may have 6 MB and not one byte more'],
      [INVOKE, '%s may return exactly as much as AWS allows'],
    ],
    '`Event` answers 202 at once': [QUEUE, 'a success and an event that failed three times', 'function that is off'],
    'The configuration is that of the qualifier': [QUEUE, 'an alias has a configuration of its own'],
    'An event that is older than': [QUEUE, 'an event that is too old is tried no more, and a function that is off'],
    'Destinations get the record': [QUEUE, 'queues and event buses get messages', 'what nobody takes is in the log'],
    'A weighted alias decides': [API, 'a weighted alias sends its share to the other version'],
    '`UpdateFunctionCode`, `UpdateFunctionConfiguration`': [
      [CONTROL, 'functions are listed, and their code, configuration', 'a deployment changes what differs'],
      [FUNCTIONS, 'a configuration is checked, and changed by whoever has seen the last one'],
    ],
    '`LastModified` is when': [
      [UPDATE, 'tells when it was, of the function and not of the version before'],
      [GET, 'the revision changes with an update and differs between versions'],
    ],
    'A function of another region': [API, 'a function of another region is not reachable'],
    'Signatures: five minutes of skew': [
      SIGNATURES,
      'allows five minutes of skew in both directions',
      'compares the session token of temporary credentials',
      'refuses a request that was changed in any single place',
      'accepts a presigned URL until it expires',
    ],
    'The path of a signature': [SIGNATURES, 'accepts the path %s from the SDK', 'takes the path of S3 as it is'],
    'An account and `function:`': [API, 'IAM is asked about the exact function that %s means'],
  },
  'A stream that fails': {
    'the handler throws': [FAILING, 'a throw after the first byte', 'a throw before', AS_SUCCESS, BY_TRAILERS],
    timeout: [FAILING, 'a stream that is never ended', 'a timeout before the first byte', AS_SUCCESS, BY_TRAILERS],
  },
  'Other services': {
    'The service is known by': [SERVICES, 'is asked by those only who may send to a queue', 'refuses in its own proto'],
    'S3 has buckets of stacks': [
      [S3, ONE_OBJECT, 'is copied, with new headers', 'arrives in parts', 'lists its keys in pages'],
      [S3, 'what is not signed as it arrives, or not played, is refused in the words of S3'],
    ],
    'A bucket that has objects': [S3, 'a bucket lists its keys in pages', 'a bucket is kept from the public'],
    'Who asks, and whether they may': [
      S3_BODY,
      'who may not write sends nothing to disk',
      'a body that is not what its headers say is refused, and leaves no file',
      'chunks with a checksum behind them',
      "AWS's example of %s",
    ],
    'An upload without a length': [
      [S3_BODY, "'no length': '501 NotImplemented 0'", 'MissingContentLength'],
      [S3, 'KeyTooLongError', 'EntityTooSmall', 'MalformedXML'],
    ],
    'Condition keys of S3': [S3, 'a presigned address needs no other signature', 'a version of an object needs'],
    'A bucket calls functions': [
      `${L}/services/s3/bucket-notifications.test.ts`,
      'has a bucket call a function for objects of a prefix and a suffix',
      'tells of what has gone',
      'with %s a bucket is refused',
    ],
    'S3 Block Public Access': [S3, 'a bucket is kept from the public, unless its stack says otherwise'],
    '`If-None-Match: *` and `If-Match`': [S3, ONE_OBJECT],
    'A refusal is a 400': [SERVICES, 'a service that nobody answers for refuses in its own protocol'],
    'A function calls as a session': [SERVICES, 'and tells it in the log of the function that asked'],
    'An input that is no object': [HOSTILE, 'an input that is a list'],
    'Logs are kept in memory': [CONTROL, 'logs are read by group, stream, time and words'],
    'Calls to DynamoDB, Bedrock': [
      [SERVICES, 'is asked by those only who may send to a queue, a topic or a table'],
      [CALLS, 'expect(asked(service, operation, input)).toEqual(expected)', 'answers whom IAM lets'],
    ],
    '`dynamodb:LeadingKeys`': [CALLS, 'the condition keys of %s', 'a query of something else', "'a scan'"],
    'Tables are made at the endpoint': [TABLES, 'an index is made with its table, a failed deployment takes its'],
  },
  'Function URLs': {
    'Both `lambda:InvokeFunctionUrl`': [URL, 'refuses a caller without %s', 'NONE still needs a policy that lets'],
    'A refusal is 403': [URL, 'refuses a caller without %s', 'refuses an unsigned request and a wrong signature'],
    'Events are payload format 2.0': [
      URL,
      'passes the request on in payload format 2.0',
      'passes a binary body on as base64',
      'needs both permissions on the alias, with their condition keys',
      'a public URL passes on the authorization header',
    ],
    'A prelude gives status': [URL, 'takes status, headers and cookies from the prelude', 'where there is no prelude'],
    'A function that fails before': [URL, '%s answers 502', 'in the middle of its stream cuts the connection'],
    'A CORS configuration answers': [URL, 'answers a preflight itself'],
  },
  Errors: {
    '400 `ValidationException`': [API, '%s is a ValidationException'],
    '400 `InvalidParameterValueException`': [API, 'two different qualifiers contradict each other'],
    '400 `InvalidRequestContentException`': [API, 'an event that is not JSON is refused'],
    '400 `IncompleteSignatureException`': [SIGNATURES, 'explains a malformed signature'],
    '403 `AccessDeniedException`': [
      [API, 'a refusal by IAM reaches the SDK as AccessDeniedException'],
      [STACK_RIGHTS, 'is decided for the caller, action by action'],
    ],
    '403 `InvalidSignatureException`': [
      SIGNATURES,
      'refuses a wrong secret, an unknown key and no signature at all',
      'refuses expired credentials',
    ],
    '404 `ResourceNotFoundException`': [API, 'an unknown %s is not found'],
    '413 `RequestEntityTooLargeException`': [API, 'an event may have 6 MB and not one byte more'],
    '429 `TooManyRequestsException`': [STREAM, 'a throttled buffered invoke is a TooManyRequestsException with its'],
  },
};

const CLI_PROOFS: Readonly<Record<string, Proofs>> = {
  'Refused before there is a stack': { 'a rule that does not hold': [NESTED, 'rules decide about its parameters'] },
  'The life of a stack': {
    'A stack whose export is in use': [STACKS, 'an export in use keeps its stack, which stays what it was'],
    '`DeleteStack` ends a creation': [STACKS, 'a stack that is being created can be deleted, one that is being'],
    'A deletion that fails': [STACKS, 'what cannot be deleted is retained on request, once that has failed'],
    'What cannot be deleted at the end of an update': [
      STACKS,
      'what cannot be deleted at the end of an update leaves the stack, which stays updated',
    ],
    'A rollback in which the provider': [STACKS, TAKEN_BACK],
    '`OnFailure` and `OnStackFailure`': [STACKS, 'creation is protected, deleted when it fails, and refused'],
    'Executing a change set deletes': [STACKS, 'a change set is for the stack as it was then'],
    'A request that is repeated': [STACKS, 'a request with its token again is answered, and done once'],
    '`EnableTerminationProtection`': [STACKS, 'creation is protected, deleted when it fails, and refused'],
  },
};

/** Rows without a test, by section, and why: only ever fewer. */
const UNPROVEN: Readonly<Record<string, Readonly<Record<string, string>>>> = {};

describe.each([
  [README, PROOFS],
  [CLI, CLI_PROOFS],
])('%s', (page, sections) => {
  const rows = provableRows(page);

  test('every section with such rows has a table here', () => {
    expect([...rows.keys()]).toEqual(Object.keys(sections));
  });

  describe.each(Object.entries(sections))('%s', (heading, proofs) => {
    expectProofs(rows.get(heading) ?? [], proofs, UNPROVEN[heading]);
  });
});
