/** A running local target, as a test holds it. */

import { writeFileSync } from 'node:fs';
import {
  checkClientOptions,
  checkDeployArguments,
  checkSigningService,
  checkTokenOptions,
  checkWhoMayQuestion,
} from './check-options';
import type { LocalConsole } from './console/local-console';
import { becomePrincipal, type CredentialStore, principalArn, principalNamed } from './credentials';
import type { DeployEngine } from './engine/deploy-engine';
import { deployedFunctions, type LocalFunction } from './engine/deployed-functions';
import { stackKey } from './engine/deployed-stack';
import { onProcessEnd } from './exit-cleanup';
import { findResource, type LocalResource } from './find-resource';
import type { Authorize, Organization } from './iam/authorize';
import type { Explanation } from './iam/explain';
import { type Refusals, refusalIn } from './iam/refusals';
import { LocalConfigError, PrincipalError } from './local-error';
import type { ClientConfigOptions, LocalClientConfig, LocalSigner, LocalTarget, SignOptions } from './local-target';
import type { InjectedFaults } from './operations/injected-faults';
import { environmentOf } from './service-keys';
import type { LocalLogRecord, LogStore } from './services/cloudwatch-logs/log-store';
import type { LocalState } from './state';
import type { TokenIssuer, TokenOptions } from './tokens/token-issuer';
import { type PrincipalDecision, type WhoMayQuestion, whoMay } from './who-may';

export interface TargetParts {
  /** Ends what runs the code that a deployment has replaced. */
  readonly tidy: () => void;
  /** Removes temporary files. */
  readonly close: () => void;
  readonly endpoint: string;
  readonly region: string;
  readonly state: LocalState;
  readonly engine: DeployEngine;
  readonly credentials: CredentialStore;
  readonly refusals: Refusals;
  /** Without a memory of what was asked. */
  readonly authorize: Authorize;
  readonly tokens: TokenIssuer;
  readonly organization: Organization | undefined;
  readonly webConsole: LocalConsole | undefined;
  readonly faults: InjectedFaults;
  readonly logs: LogStore;
}

export class RunningTarget implements LocalTarget {
  public readonly endpoint: string;
  public readonly region: string;
  private stopping: Promise<void> | undefined;
  private readonly forgetProcessEnd: () => void;

  public constructor(
    private readonly parts: TargetParts,
    private readonly stopServing: () => Promise<void>,
  ) {
    this.endpoint = parts.endpoint;
    this.region = parts.region;
    this.forgetProcessEnd = onProcessEnd(() => parts.close());
  }

  public async deploy(...args: Parameters<LocalTarget['deploy']>): ReturnType<LocalTarget['deploy']> {
    this.requireRunning();
    checkDeployArguments(args[0], args[1]);
    try {
      return await this.parts.engine.deploy(...args);
    } finally {
      this.changed();
    }
  }

  public async destroy(stackNames?: readonly string[]): Promise<{ readonly warnings: readonly string[] }> {
    this.requireRunning();
    try {
      return { warnings: await this.parts.engine.destroy(stackNames) };
    } finally {
      this.changed();
    }
  }

  public get consoleUrl(): string | undefined {
    return this.parts.webConsole?.url;
  }

  public injectFault(...given: Parameters<LocalTarget['injectFault']>): () => void {
    this.requireRunning();
    return this.parts.faults.add(...given);
  }

  public outputs(stackName: string): Readonly<Record<string, string>> {
    return this.parts.engine.stack(stackName).outputs;
  }

  public writeOutputsFile(file: string): void {
    const stacks = this.parts.engine.stacks();
    const isOnly = (name: string) => stacks.filter(({ stackName }) => stackName === name).length === 1;
    // The CLI would keep one of several stacks of a name, and lose the others.
    const outputs = stacks.map((stack) => [isOnly(stack.stackName) ? stack.stackName : stackKey(stack), stack.outputs]);
    writeFileSync(file, `${JSON.stringify(Object.fromEntries(outputs), undefined, 2)}\n`);
  }

  public find(name: string): LocalResource {
    const { engine, state } = this.parts;
    return findResource(name, { stacks: engine.allStacks(), state, endpoint: this.endpoint });
  }

  public logs(name?: string): readonly LocalLogRecord[] {
    return this.parts.logs.records(name === undefined ? undefined : this.functionArn(name, 'logs()'));
  }

  /** Of a function by any of its names, unqualified. @throws LocalConfigError where there is none */
  public functionArn(name: string, asker: string): string {
    const [, unqualified = name] = /^(arn:[^:]+:lambda:[^:]+:[^:]+:function:[^:]+):[^:]+$/.exec(name) ?? [];
    const { arn = '', type } = this.find(unqualified);
    if (type === 'AWS::Lambda::Function') return arn;
    throw new LocalConfigError(`${asker} takes the name of a function; '${name}' is a resource of type ${type}`);
  }

  public functions(): readonly LocalFunction[] {
    return deployedFunctions(this.parts.engine.allStacks(), this.parts.state, this.endpoint);
  }

  public clientConfig(given: ClientConfigOptions): LocalClientConfig {
    this.requireRunning();
    checkClientOptions(given);
    const { by } = given;
    const options = {
      ...given,
      as: this.principalOf(given.as),
      ...(typeof by === 'string' && { by: this.principalOf(by) }),
    };
    const { state, credentials, organization, endpoint } = this.parts;
    const named = principalArn(principalNamed(state, options.as, 'local'));
    const region = options.region ?? this.regionFor(named);
    const principal = becomePrincipal(state, options, organization, region);
    return {
      endpoint,
      region,
      credentials: credentials.issue(principal, options.durationSeconds, options.sessionPolicy),
    };
  }

  /** The ARN of a role or user by its construct path or logical id; any other name as it is. */
  private principalOf(name: string): string {
    const isOther =
      [...this.parts.state.roles.values()].some((role) => role.roleName === name) || name.startsWith('arn:');
    if (isOther) return name;
    const named = [...this.parts.engine.allStacks()].flatMap(({ resources }) =>
      [...resources].flatMap(([logicalId, { attributes, constructPath, type }]) => {
        const path = constructPath?.replace(/\/(Resource|Default)$/, '');
        const isNamed = /^AWS::IAM::(Role|User)$/.test(type) && (path === name || logicalId === name);
        return isNamed ? [String(attributes['Arn'])] : [];
      }),
    );
    const [only, ...others] = named;
    return only !== undefined && others.length === 0 ? only : name;
  }

  public environment(options: ClientConfigOptions): Readonly<Record<string, string>> {
    const { credentials, endpoint, region } = this.clientConfig(options);
    // boto3 and the AWS CLI 1 know the region by the older name alone.
    const regions = { AWS_REGION: region, AWS_DEFAULT_REGION: region };
    return { AWS_ENDPOINT_URL: endpoint, ...regions, ...environmentOf(credentials) };
  }

  public explain(refusal: unknown): Explanation {
    // Who may not be assumed has been explained already.
    if (refusal instanceof PrincipalError && refusal.cause !== undefined) return refusal.cause as Explanation;
    const received = refusalIn(refusal);
    const explanation = this.parts.refusals.explain(received);
    if (explanation) return explanation;
    throw new LocalConfigError(
      'explain() takes an error or response of a request that was refused here lately, by IAM or for its signature, ' +
        `or its message, got '${received.text.slice(0, 200)}'`,
    );
  }

  public whoMay(question: WhoMayQuestion): readonly PrincipalDecision[] {
    checkWhoMayQuestion(question);
    return whoMay(this.parts.state, this.parts.authorize, question, this.parts.organization);
  }

  public token(options: TokenOptions): string {
    this.requireRunning();
    checkTokenOptions(options);
    return this.parts.tokens.issue(options);
  }

  public sign({ service = 'lambda', ...options }: SignOptions): LocalSigner {
    checkSigningService(service);
    const { credentials, region } = this.clientConfig(options);
    return { credentials, region, service };
  }

  public stop(): Promise<void> {
    this.stopping ??= this.stopServing().finally(() => {
      this.parts.close();
      this.forgetProcessEnd();
    });
    return this.stopping;
  }

  public [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  /** A role has no region, but it is usually used in that of the stack that defines it. */
  private regionFor(arn: string | undefined): string {
    const stacks = this.parts.engine.allStacks();
    const defining = stacks.find(({ resources }) =>
      [...resources.values()].some(({ attributes }) => attributes['Arn'] === arn),
    );
    const [first, ...others] = new Set(stacks.map(({ region }) => region));
    return defining?.region ?? (others.length === 0 ? first : undefined) ?? this.region;
  }

  private changed(): void {
    this.parts.tidy();
    this.parts.webConsole?.changed();
  }

  private requireRunning(): void {
    if (this.stopping)
      throw new LocalConfigError('the local target has been stopped; start another one with startLocal()');
  }
}
