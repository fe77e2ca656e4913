/**
 * The local target: one process on loopback that stands for AWS Lambda and IAM in any number of accounts.
 * Deploy a cloud assembly to it, then point any AWS SDK client at it as one of the principals the stacks define.
 * It knows the cloud assembly and the wire only, never the constructs or the invoker it is used to test.
 */

import { writeFileSync } from 'node:fs';
import { checkClientOptions, checkDeployArguments, checkStartOptions } from './check-options';
import { systemClock } from './clock';
import { CredentialStore } from './credentials';
import { DeployEngine } from './engine/deploy-engine';
import { stackKey } from './engine/deployed-stack';
import { onProcessEnd } from './exit-cleanup';
import { functionUrlAddress } from './function-url-address';
import { startHttpServer } from './http/server';
import { createAuthenticator } from './http/sigv4';
import { sessionOf } from './iam/assume-role';
import { createAuthorize } from './iam/authorize';
import { type Principal, principalAccount, principalFromArn, principalName } from './iam/principals';
import type { ClientConfigOptions, LocalClientConfig, LocalTarget, StartLocalOptions } from './local-target';
import { createDataPlane } from './operations/create-data-plane';
import type { Authorize, CallerCredentials } from './operations/data-plane';
import { becomePrincipal } from './principal-directory';
import { SessionPolicies } from './session-policies';
import { emptyState, type LocalState } from './state';

/** Sessions of functions last as long as an execution environment can. */
const FUNCTION_SESSION_SECONDS = 12 * 3_600;

/** Starts a local target on 127.0.0.1. Stop it when done; its child processes end with the process in any case. */
export async function startLocal(options: StartLocalOptions = {}): Promise<LocalTarget> {
  checkStartOptions(options);
  const { port, account = '111111111111', region = 'us-east-1', organization, ...dataPlaneOptions } = options;
  const state = emptyState();
  const credentials = new CredentialStore(systemClock);
  const sessionPolicies = new SessionPolicies();
  let endpoint = '';
  const dataPlane = createDataPlane({
    state,
    authenticate: createAuthenticator((accessKeyId) => callerOf(credentials, accessKeyId), systemClock),
    authorize: authorizeByArn(state, sessionPolicies, organization),
    options: {
      ...dataPlaneOptions,
      environmentFor: (_functionArn, roleArn) => functionEnvironment(state, credentials, roleArn, endpoint),
    },
  });
  const server = await startHttpServer([dataPlane], port === undefined ? {} : { port });
  endpoint = server.url;
  const engine = new DeployEngine({
    state,
    defaultAccount: account,
    defaultRegion: region,
    functionUrl: (urlId, urlRegion) => functionUrlAddress(endpoint, urlId, urlRegion),
  });
  const parts = {
    endpoint,
    region,
    state,
    engine,
    credentials,
    sessionPolicies,
    ...(organization && { organization }),
  };
  return new RunningTarget(parts, async () => {
    await Promise.all([dataPlane.stop(), server.stop()]);
  });
}

interface TargetParts {
  readonly endpoint: string;
  readonly region: string;
  readonly state: LocalState;
  readonly engine: DeployEngine;
  readonly credentials: CredentialStore;
  readonly sessionPolicies: SessionPolicies;
  readonly organization?: StartLocalOptions['organization'];
}

class RunningTarget implements LocalTarget {
  readonly endpoint: string;
  readonly region: string;
  private stopping: Promise<void> | undefined;
  private readonly forgetProcessEnd: () => void;

  constructor(
    private readonly parts: TargetParts,
    private readonly stopServing: () => Promise<void>,
  ) {
    this.endpoint = parts.endpoint;
    this.region = parts.region;
    this.forgetProcessEnd = onProcessEnd(() => parts.engine.close());
  }

  async deploy(...args: Parameters<LocalTarget['deploy']>): ReturnType<LocalTarget['deploy']> {
    this.requireRunning();
    checkDeployArguments(args[0], args[1]);
    return this.parts.engine.deploy(...args);
  }

  async destroy(stackNames?: readonly string[]): Promise<{ readonly warnings: readonly string[] }> {
    this.requireRunning();
    return { warnings: this.parts.engine.destroy(stackNames) };
  }

  outputs(stackName: string): Readonly<Record<string, string>> {
    return this.parts.engine.stack(stackName).outputs;
  }

  writeOutputsFile(file: string): void {
    const stacks = this.parts.engine.stacks();
    const isOnly = (name: string) => stacks.filter(({ stackName }) => stackName === name).length === 1;
    // The CLI would keep one of several stacks of a name, and lose the others.
    const outputs = stacks.map((stack) => [isOnly(stack.stackName) ? stack.stackName : stackKey(stack), stack.outputs]);
    writeFileSync(file, `${JSON.stringify(Object.fromEntries(outputs), undefined, 2)}\n`);
  }

  clientConfig(options: ClientConfigOptions): LocalClientConfig {
    this.requireRunning();
    checkClientOptions(options);
    const { state, credentials, sessionPolicies, organization, endpoint } = this.parts;
    const named = sessionPolicies.named(options);
    const principal = becomePrincipal(state, named, organization);
    sessionPolicies.note(principalName(principal), named.sessionPolicy);
    return {
      endpoint,
      region: options.region ?? this.regionFor(options.as),
      credentials: credentials.issue(principal),
    };
  }

  stop(): Promise<void> {
    this.stopping ??= this.stopServing().finally(() => {
      this.parts.engine.close();
      this.forgetProcessEnd();
    });
    return this.stopping;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  /** A role has no region, but it is usually used in that of the stack that defines it. */
  private regionFor(principalArn: string): string {
    const stacks = this.parts.engine.stacks();
    const defining = stacks.find(({ resources }) =>
      [...resources.values()].some(({ attributes }) => attributes['Arn'] === principalArn),
    );
    const [first, ...others] = new Set(stacks.map(({ region }) => region));
    return defining?.region ?? (others.length === 0 ? first : undefined) ?? this.region;
  }

  private requireRunning(): void {
    if (this.stopping) throw new Error('the local target has been stopped; start another one with startLocal()');
  }
}

function callerOf(store: CredentialStore, accessKeyId: string): CallerCredentials | undefined {
  const record = store.lookup(accessKeyId);
  return (
    record && {
      secretAccessKey: record.secretAccessKey,
      sessionToken: record.sessionToken,
      principalArn: principalName(record.principal),
      account: principalAccount(record.principal) ?? '',
      expiresAt: record.expiration.getTime(),
    }
  );
}

/** The data plane knows callers by ARN; IAM wants to know what they are. */
function authorizeByArn(
  state: LocalState,
  sessionPolicies: SessionPolicies,
  organization: StartLocalOptions['organization'],
): Authorize {
  const authorize = createAuthorize(state, systemClock, organization);
  return ({ action, principalArn, resourceArn, context }) => {
    const principal: Principal = principalFromArn(principalArn, [...state.roles.values()]);
    const values = Object.fromEntries(Object.entries(context).map(([key, value]) => [key, String(value)]));
    const sessionPolicy = sessionPolicies.find(principalArn);
    const {
      allowed,
      reason,
      message = reason,
    } = authorize({
      principal,
      action,
      resource: resourceArn,
      context: values,
      ...(sessionPolicy && { sessionPolicy }),
    });
    return allowed ? { allowed } : { allowed, reason, message };
  };
}

/** A function calls back into this target as its own role, whatever service it calls. */
function functionEnvironment(
  state: LocalState,
  credentials: CredentialStore,
  roleArn: string,
  endpoint: string,
): Record<string, string> {
  const role = state.roles.get(roleArn);
  if (!role) return { AWS_ENDPOINT_URL: endpoint };
  const session = sessionOf(role, 'function');
  const issued = credentials.issue(session, { durationSeconds: FUNCTION_SESSION_SECONDS });
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: issued.accessKeyId,
    AWS_SECRET_ACCESS_KEY: issued.secretAccessKey,
    AWS_SESSION_TOKEN: issued.sessionToken,
  };
}
