/** Starts the Lambda API with handlers written in the test, and the real SDK client against it. */
import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  InvokeWithResponseStreamCommand,
  type InvokeWithResponseStreamCommandInput,
  LambdaClient,
} from '@aws-sdk/client-lambda';
import { systemClock } from '../../../src/local/clock';
import { startHttpServer } from '../../../src/local/http/server';
import { type CredentialLookup, createAuthenticator } from '../../../src/local/http/sigv4';
import type { AuthorizationRequest } from '../../../src/local/iam/authorize';
import type { Decision } from '../../../src/local/iam/decision';
import type { Principal } from '../../../src/local/iam/principals';
import { AsyncQueue } from '../../../src/local/operations/async-queue';
import type { InvocationOptions } from '../../../src/local/operations/invocation-options';
import { createLambdaApi } from '../../../src/local/operations/lambda-api';
import { countingInvocations } from '../../../src/local/operations/lambda-call';
import {
  EnvironmentPool,
  type EnvironmentVariables,
  type RuntimeOptions,
} from '../../../src/local/runtime/environment-pool';
import type { LogRecord } from '../../../src/local/runtime/log-listener';
import { emptyState, type FunctionConfiguration, type FunctionState, type LocalState } from '../../../src/local/state';
import { TokenIssuer } from '../../../src/local/tokens/token-issuer';

export const ACCOUNT = '111111111111';
export const REGION = 'eu-west-1';
export const SECRET = 'secret-of-the-test';
export const PRINCIPAL = `arn:aws:sts::${ACCOUNT}:assumed-role/Tester/session`;
export const TESTER: Principal = {
  kind: 'assumed-role',
  arn: PRINCIPAL,
  account: ACCOUNT,
  roleArn: `arn:aws:iam::${ACCOUNT}:role/Tester`,
};
export const ALLOWED: Decision = {
  request: { principal: TESTER, action: '', resource: '', context: {}, isTrustPolicy: false },
  allowed: true,
  reason: 'allowed',
  policy: 'identity-based',
  missing: [],
  considered: [],
};
/** A refusal in these words. */
export const refusal = (message: string): Decision => ({
  ...ALLOWED,
  allowed: false,
  reason: 'implicit-deny',
  message,
});

export interface LocalLambda {
  readonly url: string;
  readonly port: number;
  readonly state: LocalState;
  readonly logs: LogRecord[];
  readonly client: LambdaClient;
  /** Folder for signals between test and handler. */
  readonly folder: string;
  /** Defines a function from the text of its `index.mjs` (or another file) and returns its unqualified ARN. */
  define(source: string, overrides?: Partial<FunctionConfiguration> & { readonly file?: string }): FunctionState;
  newClient(overrides?: ConstructorParameters<typeof LambdaClient>[0]): LambdaClient;
  stop(): Promise<void>;
}

export interface LocalLambdaOptions extends InvocationOptions, RuntimeOptions {
  readonly authorize?: (request: AuthorizationRequest) => Decision;
  readonly lookup?: CredentialLookup;
  readonly variables?: EnvironmentVariables;
}

export async function startLocalLambda(options: LocalLambdaOptions = {}): Promise<LocalLambda> {
  const folder = mkdtempSync(join(tmpdir(), 'local-lambda-'));
  const state = emptyState();
  const logs: LogRecord[] = [];
  const lookup = options.lookup ?? (() => ({ secretAccessKey: SECRET, principal: TESTER }));
  const pool = new EnvironmentPool(
    { onLog: (record) => logs.push(record), ...options },
    options.variables ?? (() => ({})),
  );
  const queue = new AsyncQueue({ state, pool, options, deliver: async () => undefined });
  const api = createLambdaApi(
    countingInvocations({
      state,
      authenticate: createAuthenticator(lookup, systemClock),
      authorize: options.authorize ?? (() => ALLOWED),
      pool,
      options,
      queue,
      tokens: new TokenIssuer({}),
    }),
  );
  const server = await startHttpServer([api]);
  const clients: LambdaClient[] = [];
  const newClient: LocalLambda['newClient'] = (overrides = {}) => {
    const client = new LambdaClient({
      endpoint: server.url,
      region: REGION,
      credentials: { accessKeyId: 'AKIATEST', secretAccessKey: SECRET },
      maxAttempts: 1,
      ...overrides,
    });
    clients.push(client);
    return client;
  };
  return {
    url: server.url,
    port: server.port,
    state,
    logs,
    folder,
    client: newClient(),
    newClient,
    define: (source, overrides = {}) => defineFunction(state, folder, source, overrides),
    stop: async () => {
      for (const client of clients) client.destroy();
      queue.stop();
      await pool.stop();
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function defineFunction(
  state: LocalState,
  folder: string,
  source: string,
  { file = 'index.mjs', ...overrides }: Partial<FunctionConfiguration> & { readonly file?: string },
): FunctionState {
  const functionName = overrides.functionName ?? `fn-${randomUUID().slice(0, 8)}`;
  const functionArn = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${functionName}`;
  const codeDirectory = overrides.codeDirectory ?? join(folder, functionName);
  mkdirSync(codeDirectory, { recursive: true });
  writeFileSync(join(codeDirectory, file), source);
  const configuration: FunctionConfiguration = {
    account: ACCOUNT,
    region: REGION,
    functionName,
    version: '$LATEST',
    codeDirectory,
    handler: 'index.handler',
    runtime: 'nodejs24.x',
    timeoutSeconds: 20,
    memoryMb: 256,
    environment: {},
    roleArn: `arn:aws:iam::${ACCOUNT}:role/${functionName}`,
    logGroupName: `/aws/lambda/${functionName}`,
    ...overrides,
  };
  const definition: FunctionState = {
    functionArn,
    account: ACCOUNT,
    region: REGION,
    functionName,
    versions: new Map([
      ['$LATEST', configuration],
      ['1', { ...configuration, version: '1' }],
    ]),
    aliases: new Map([['live', { name: 'live', functionVersion: '1', additionalVersionWeights: {} }]]),
    urls: [],
    resourcePolicies: new Map(),
    lastVersion: 1,
  };
  state.functions.set(functionArn, definition);
  return definition;
}

export interface StreamOutcome {
  readonly chunks: string[];
  readonly text: string;
  readonly errorCode: string | undefined;
  readonly errorDetails: string | undefined;
  readonly logTail: string;
  readonly executedVersion: string | undefined;
}

/** Invokes through the SDK and reads to the end. */
export async function streamOf(
  client: LambdaClient,
  input: Omit<InvokeWithResponseStreamCommandInput, 'Payload'> & { readonly event?: unknown },
): Promise<StreamOutcome> {
  const { event, ...rest } = input;
  const Payload = event === undefined ? undefined : Buffer.from(JSON.stringify(event));
  const output = await client.send(new InvokeWithResponseStreamCommand({ LogType: 'Tail', ...rest, Payload }));
  const chunks: string[] = [];
  let complete: { ErrorCode?: string; ErrorDetails?: string; LogResult?: string } | undefined;
  for await (const part of output.EventStream ?? []) {
    if (part.PayloadChunk?.Payload) chunks.push(Buffer.from(part.PayloadChunk.Payload).toString('utf8'));
    if (part.InvokeComplete) complete = part.InvokeComplete;
  }
  if (complete === undefined) throw new Error('The stream ended without InvokeComplete');
  return {
    chunks,
    text: chunks.join(''),
    errorCode: complete.ErrorCode,
    errorDetails: complete.ErrorDetails,
    logTail: Buffer.from(complete.LogResult ?? '', 'base64').toString('utf8'),
    executedVersion: output.ExecutedVersion,
  };
}
