/** What a test holds of a running local target: the types of its options and of its endpoints. */

import type { BecomeOptions, LocalCredentials } from './credentials';
import type { LocalFunction } from './engine/deployed-functions';
import type { ClientChange, Deployment, DeployOptions } from './engine/deployment';
import type { LocalResource } from './find-resource';
import type { Organization } from './iam/authorize';
import type { Explanation } from './iam/explain';
import type { InjectFaultOptions } from './operations/injected-faults';
import type { Fault, InvocationOptions } from './operations/invocation-options';
import type { RuntimeOptions } from './runtime/environment-pool';
import type { LocalLogRecord } from './services/cloudwatch-logs/log-store';
import type { Services } from './services/service-route';
import type { ImageProgram } from './state';
import type { JsonWebKeySet, TokenOptions } from './tokens/token-issuer';
import type { PrincipalDecision, WhoMayQuestion } from './who-may';

/** Options of {@link startLocal}. */
export interface StartLocalOptions extends RuntimeOptions, InvocationOptions {
  /**
   * Port on 127.0.0.1, 0 for any free one. With it the target keeps its process alive, as servers do, except in a test
   * runner. @default - any free port, and a process that has nothing else to do ends, though `stop()` was forgotten
   */
  readonly port?: number;
  /** Account of environment-agnostic stacks, twelve digits. @default '111111111111' */
  readonly account?: string;
  /** Region of environment-agnostic stacks. @default 'us-east-1' */
  readonly region?: string;
  /**
   * Other AWS services for functions: the address of an endpoint, such as DynamoDB Local, or a handler, by the name in
   * `AWS_ENDPOINT_URL_<SERVICE>`: `{ dynamodb: 'http://127.0.0.1:8000', 'bedrock-runtime': (request) => new Response(…) }`.
   * @default - calls are refused, apart from what the deployed stacks tell of SSM parameters, secrets and identities
   */
  readonly services?: Services;
  /** Values of SSM parameters that no stack defines, by name. @default - those of AWS under `/aws/service/` are made up */
  readonly ssmParameters?: Readonly<Record<string, string>>;
  /**
   * Programs that play container images, by the function's construct path (`Stack/Web`) or its name: each starts a web server
   * on the port in the environment variable `PORT`, which gets the events as the Lambda Web Adapter in the image would send
   * them. `{ 'Stack/Web': { cwd: 'app', command: ['node', 'server.js'] } }`
   * @default - such functions are deployed, and refused when they are invoked
   */
  readonly images?: Readonly<Record<string, ImageProgram>>;
  /**
   * Serve a console at {@link LocalTarget.consoleUrl}: a page that shows functions, every stream as it runs, its log and
   * what IAM decided, and that calls functions. The last 100 calls are kept in memory for it. @default false
   */
  readonly console?: boolean;
  /**
   * Told of every stack that a client of CloudFormation has deployed, such as the `cdk` CLI: what such a client is not told
   * of, its warnings, is there. `deploy()` gives its own. @default - nobody is told
   */
  readonly onDeploy?: (deployment: Deployment) => void;
  /**
   * Told of every stack that a client of CloudFormation has deleted, and of every function whose code or configuration a
   * client of Lambda has changed, as `cdk deploy --hotswap` does. @default - nobody is told
   */
  readonly onChange?: (change: ClientChange) => void;
  /**
   * Keys of issuers of tokens that are not played, by the issuer, as they serve them at `jwks_uri`:
   * `{ 'https://issuer.example': { keys: […] } }`.
   * @default - the target itself signs for every issuer and user pool, see {@link LocalTarget.token}
   */
  readonly issuers?: Readonly<Record<string, JsonWebKeySet>>;
  /** The organization the accounts belong to; feeds `aws:PrincipalOrgID` and `aws:PrincipalOrgPaths`. @default - none */
  readonly organization?: Organization;
}

/** Options of {@link LocalTarget.clientConfig}. */
export interface ClientConfigOptions extends BecomeOptions {
  /** @default - the region of the stack that defines the role; else the only region deployed to; else the target's */
  readonly region?: string;
  /** Seconds the credentials are valid. @default 3600 */
  readonly durationSeconds?: number;
}

/** Spread into the constructor of any AWS SDK client: `new LambdaClient({ ...config })`. */
export interface LocalClientConfig {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: LocalCredentials;
}

/** Options of {@link LocalTarget.sign}. */
export interface SignOptions extends ClientConfigOptions {
  /** Who checks the signature: Lambda for function URLs, API Gateway for its APIs. @default 'lambda' */
  readonly service?: 'execute-api' | 'lambda';
}

/** For the option `sign` of the fetcher, or any other signer of Signature Version 4. */
export interface LocalSigner {
  readonly credentials: LocalCredentials;
  readonly region: string;
  readonly service: 'execute-api' | 'lambda';
}

/** A running local target. */
export interface LocalTarget {
  /** `http://127.0.0.1:<port>`. */
  readonly endpoint: string;
  /** Region of environment-agnostic stacks. */
  readonly region: string;
  /**
   * Address of the console, with the token that lets in whoever has it; undefined without the option `console`.
   * It answers on 127.0.0.1 only, and stays the same until `stop()`.
   */
  readonly consoleUrl: string | undefined;
  /**
   * Deploys the cloud assembly in `directory` (`cdk.out`). What was deployed before is updated. The
   * failing stack is rolled back.
   * @throws a DeployError or an AssemblyError that names the stack, the resource and the construct
   */
  deploy(directory: string, options?: DeployOptions): Promise<Deployment>;
  /** Destroys all stacks or those named, the last deployed first. Gives what is worth knowing about it. */
  destroy(stackNames?: readonly string[]): Promise<{ readonly warnings: readonly string[] }>;
  /**
   * Outputs of a deployed stack; `account/region/name` tells stacks of one name apart.
   * @throws a DeployError that lists the stacks when none has this name, or several have it
   */
  outputs(stackName: string): Readonly<Record<string, string>>;
  /**
   * Writes the outputs of all stacks by stack name, in the form of `cdk deploy --outputs-file`. Stacks of one name in
   * several accounts or regions stand under `account/region/name`.
   */
  writeOutputsFile(file: string): void;
  /**
   * A deployed resource by its construct path, logical id, physical id or ARN: `StreamTarget.fromArn(local.find('Stack/Chat'))`,
   * `fetch(local.find('Stack/Cdn').url)`.
   * @throws a LocalConfigError where nothing has the name, with the nearest one, or several have it
   */
  find(name: string): LocalResource;
  /**
   * The last lines of the logs, of one function or of all, in the order of their arrival; 10,000 of each log group are kept. The option `onLog` has them at once.
   * @param name of a function, as for {@link LocalTarget.find}
   * @throws a LocalConfigError where the name is not that of a function
   */
  logs(name?: string): readonly LocalLogRecord[];
  /** The functions of all deployed stacks, in the order of deployment. */
  functions(): readonly LocalFunction[];
  /**
   * Endpoint, region and temporary credentials of a principal.
   * @throws a PrincipalError when nobody of that name is known here, or it may not be assumed
   */
  clientConfig(options: ClientConfigOptions): LocalClientConfig;
  /**
   * The same as environment variables, `AWS_ENDPOINT_URL`, `AWS_REGION`, `AWS_DEFAULT_REGION` and those of the credentials: for a child process
   * that runs the `cdk` CLI, the AWS CLI or a program with an AWS SDK.
   * `spawn('npx', ['cdk', 'deploy'], { env: { ...process.env, ...local.environment({ as }) } })`
   * @throws a PrincipalError when nobody of that name is known here, or it may not be assumed
   */
  environment(options: ClientConfigOptions): Readonly<Record<string, string>>;
  /**
   * Why IAM refused a request: statement by statement, with what is missing and a statement to paste for it.
   * @param refusal the error that a client of AWS, the invoker or the fetcher threw, or its message; the response that
   *   `fetch` gave, or what its header `x-local-refusal` says; the last 200 refusals are known
   * @throws a LocalConfigError when IAM refused no such request here
   */
  explain(refusal: unknown): Explanation;
  /**
   * Disturbs the next invocation, or the next ones: `local.injectFault({ disconnectAfterBytes: 1_000 }, { functionName: 'chat' })`.
   * It comes before the option `fault`, and faults that fit the same invocation come in the order they were injected.
   * @returns what takes the fault back as far as it has not happened
   * @throws a LocalConfigError for what is not a fault, for one that disturbs nothing, and for a name that no function has, with the nearest one
   */
  injectFault(fault: Fault, options?: InjectFaultOptions): () => void;
  /**
   * Who may do something, and why not: as IAM would decide a call, which is not made. One answer for each principal, with
   * the statements that were looked at and, where something is missing, a statement to paste. Of `sts:AssumeRole` the trust
   * policy of the role is read, too.
   * @throws a PrincipalError when `as` is nobody that is known here, or a LocalConfigError for an action that Lambda does not
   *   have, for `sts:AssumeRole` of a role that is not deployed, and for other actions that open a session
   */
  whoMay(question: WhoMayQuestion): readonly PrincipalDecision[];
  /**
   * Credentials, region and service of a principal, to sign requests to a function URL: `streamFetcher(chat, { url, sign: local.sign({ as }) })`;
   * to an API of API Gateway with `{ as, service: 'execute-api' }`.
   * @throws a PrincipalError when nobody of that name is known here, or it may not be assumed
   */
  sign(options: SignOptions): LocalSigner;
  /**
   * A JSON Web Token for authorizers of APIs that are deployed here, signed (RS256) in the name of a user pool or of any
   * issuer whose keys the option `issuers` does not give:
   * `local.token({ userPool, clientId, claims: { email: 'ada@example.com' } })`. Its key is served at
   * `<endpoint>/.well-known/jwks.json`.
   * @throws a LocalConfigError for options that are unknown or contradict each other
   */
  token(options: TokenOptions): string;
  /** Ends all execution environments and frees the port. May be called again. */
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}
