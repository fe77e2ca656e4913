/** Refuses invalid options of the local target, before they fail later, or change nothing without a word. */

import { isObject } from '../base/is-object';
import {
  BOOLEAN,
  FUNCTION,
  isNonEmptyString,
  isString,
  milliseconds,
  OBJECT,
  oneOf,
  optionProblem,
  type Rule,
  STRING,
  STRINGS,
  show,
  wholeNumber,
} from '../base/option-problem';
import type { DeployOptions } from './engine/deployment';
import { policyProblem } from './iam/policy-problem';
import { LocalConfigError } from './local-error';
import type { ClientConfigOptions, StartLocalOptions } from './local-target';
import { meantService } from './service-names';
import type { TokenOptions } from './tokens/token-issuer';
import type { WhoMayQuestion } from './who-may';

/** By the names of the options, so that the compiler asks for the rule of a new one. */
type RulesOf<Options> = Readonly<Record<keyof Options, Rule>>;

const ORGANIZATION: Rule = {
  allowed: "an object such as { id: 'o-exampleorgid', paths: {} }",
  fits: (value) => isObject(value) && isNonEmptyString(value['id']) && isObject(value['paths']),
  members: {
    id: STRING,
    paths: {
      allowed: 'an object of organization paths by account',
      fits: (value) => isObject(value) && Object.values(value).every(isNonEmptyString),
    },
    serviceControlPolicies: {
      allowed: 'an object of arrays of policy documents by account',
      fits: (value) =>
        isObject(value) && Object.values(value).every((list) => Array.isArray(list) && list.every(isObject)),
    },
  },
};

const START: RulesOf<StartLocalOptions> = {
  port: wholeNumber(0, 65_535),
  account: {
    allowed: 'twelve digits',
    fits: (value) => typeof value === 'string' && /^\d{12}$/.test(value),
  },
  region: {
    allowed: "the name of a region such as 'us-east-1'",
    fits: (value) => typeof value === 'string' && /^[a-z0-9-]+$/.test(value),
  },
  services: {
    allowed:
      'an object of endpoints (http://…) or functions by the name of the service as in AWS_ENDPOINT_URL_<SERVICE>, ' +
      'in lower case and with hyphens, such as dynamodb, bedrock-runtime, eventbridge or sfn',
    fits: (value) =>
      isObject(value) && Object.keys(value).every(isServiceName) && Object.values(value).every(isService),
  },
  ssmParameters: {
    allowed: 'an object of strings by the name of the parameter',
    fits: (value) => isObject(value) && Object.values(value).every(isString),
  },
  images: {
    allowed: "an object such as { 'Stack/Web': { command: ['node', 'server.js'], cwd: 'app' } }",
    fits: (value) => isObject(value) && Object.values(value).every(isImageProgram),
  },
  console: BOOLEAN,
  onDeploy: FUNCTION,
  onChange: FUNCTION,
  issuers: {
    allowed: "an object of key sets by the issuer: { 'https://issuer.example': { keys: […] } }",
    fits: (value) =>
      isObject(value) && Object.values(value).every((set) => isObject(set) && Array.isArray(set['keys'])),
  },
  organization: ORGANIZATION,
  errorReporting: oneOf('observed', 'trailers'),
  streamingDryRun: oneOf('observed', 'documented'),
  rechunk: {
    allowed: 'an object with a number as seed: { seed: 1 }',
    fits: (value) => isObject(value) && Number.isFinite(value['seed']),
    members: { seed: { allowed: 'a number', fits: Number.isFinite } },
  },
  capBandwidth: BOOLEAN,
  coalescing: BOOLEAN,
  clock: {
    allowed: 'an object with a speed, { speed: 60 }',
    fits: isObject,
    members: { speed: { allowed: 'a number from 1 to 10000', fits: isSpeed } },
  },
  fault: FUNCTION,
  maxConcurrency: {
    allowed: 'a whole number, 1 or more, or Infinity',
    fits: (value) => value === Number.POSITIVE_INFINITY || wholeNumber(1).fits(value),
  },
  idleMs: milliseconds(0),
  initTimeoutMs: milliseconds(1),
  onLog: FUNCTION,
  nodeExecutable: {
    allowed: "a function that gives the path of a Node.js for a runtime: () => '/usr/bin/node'",
    fits: FUNCTION.fits,
  },
  random: FUNCTION,
};

const DEPLOY: RulesOf<DeployOptions> = {
  stacks: STRINGS,
  strict: BOOLEAN,
  inertTypes: STRINGS,
  parameters: {
    allowed: "an object of values by 'Parameter' or 'Stack:Parameter'",
    fits: (value) => isObject(value) && Object.values(value).every(isParameterValue),
  },
};

const CLIENT: RulesOf<ClientConfigOptions> = {
  as: STRING,
  by: {
    allowed:
      "a principal such as arn:aws:iam::111111111111:role/Caller, or an identity such as { provider: 'cognito-identity.amazonaws.com', claims: { … } }",
    fits: (value) => isNonEmptyString(value) || (isObject(value) && isNonEmptyString(value['provider'])),
    members: { provider: STRING, claims: OBJECT },
  },
  externalId: STRING,
  // Its characters are checked with the session, in the words of AWS.
  sessionName: { allowed: 'a string', fits: isString },
  sessionPolicy: OBJECT,
  region: STRING,
  durationSeconds: wholeNumber(1),
};

export function checkStartOptions(options: unknown): asserts options is StartLocalOptions {
  const { organization, services } = (options ?? {}) as StartLocalOptions;
  const problem = optionProblem(options, START) ?? serviceProblem(services) ?? organizationProblem(organization);
  if (problem !== undefined) throw new LocalConfigError(`startLocal(): ${problem}`);
}

export function checkDeployArguments(directory: unknown, options: unknown): void {
  if (!isNonEmptyString(directory)) {
    throw new LocalConfigError(
      `deploy() needs the directory of a cloud assembly, such as 'cdk.out' or app.synth().directory, got ${show(directory)}`,
    );
  }
  const problem = options === undefined ? undefined : optionProblem(options, DEPLOY);
  if (problem !== undefined) throw new LocalConfigError(`deploy(): ${problem}`);
}

export function checkClientOptions(options: unknown): void {
  const problem = options === undefined ? undefined : optionProblem(options, CLIENT);
  if (problem !== undefined) throw new LocalConfigError(`clientConfig(): ${problem}`);
  if (isObject(options) && options['as'] !== undefined) return;
  throw new LocalConfigError(
    `clientConfig() needs the principal the client is, for example { as: 'arn:aws:iam::111111111111:root' } for an administrator, got ${show(options)}`,
  );
}

const TOKEN: RulesOf<TokenOptions> = {
  userPool: {
    allowed: "the id or the ARN of a user pool: 'eu-west-1_abc'",
    fits: (value) => isString(value) && /_\w+$/.test(value),
  },
  issuer: STRING,
  use: oneOf('access', 'id'),
  clientId: STRING,
  claims: { allowed: 'an object that JSON can hold', fits: (value) => isObject(value) && isJson(value) },
  expiresInSeconds: { allowed: 'a number of seconds', fits: Number.isFinite },
};

/** A bigint and a circle are none. */
function isJson(value: unknown): boolean {
  try {
    return JSON.stringify(value) !== undefined;
  } catch {
    return false; // that is the answer
  }
}

export function checkTokenOptions(options: unknown): void {
  const problem = optionProblem(options, TOKEN);
  if (problem !== undefined) throw new LocalConfigError(`token(): ${problem}`);
  const { issuer, userPool } = options as TokenOptions;
  if ((issuer === undefined) !== (userPool === undefined)) return;
  throw new LocalConfigError(`token() needs either a userPool or an issuer, got ${show(options)}`);
}

export function checkSigningService(service: unknown): void {
  const problem = optionProblem({ service }, { service: oneOf('lambda', 'execute-api') });
  if (problem !== undefined) throw new LocalConfigError(`sign(): ${problem}`);
}

const WHO_MAY: RulesOf<WhoMayQuestion> = {
  action: STRING,
  resource: STRING,
  as: STRING,
  throughUrl: BOOLEAN,
};

export function checkWhoMayQuestion(question: unknown): void {
  const problem = optionProblem(question, WHO_MAY);
  if (problem !== undefined) throw new LocalConfigError(`whoMay(): ${problem}`);
  if (isObject(question) && isString(question['action']) && isString(question['resource'])) return;
  throw new LocalConfigError(
    `whoMay() needs an action and a resource, such as { action: 'lambda:InvokeFunction', resource: '<ARN of an alias>' }, got ${show(question)}`,
  );
}

function organizationProblem(organization: StartLocalOptions['organization']): string | undefined {
  for (const [account, documents] of Object.entries(organization?.serviceControlPolicies ?? {})) {
    for (const document of documents) {
      const problem = policyProblem({ ...document }, 'identity');
      if (problem !== undefined) return `a service control policy of account ${account} ${problem}`;
    }
  }
  return undefined;
}

/** Nobody would call a service under a misspelt name, and nobody would say so. */
function serviceProblem(services: StartLocalOptions['services'] = {}): string | undefined {
  for (const name of Object.keys(services)) {
    const meant = meantService(name);
    if (meant !== undefined) return `services has no '${name}' of AWS; did you mean '${meant}'?`;
  }
  return undefined;
}

function isImageProgram(value: unknown): boolean {
  const rules = { command: STRINGS, cwd: STRING, environment: OBJECT };
  return (
    isObject(value) &&
    optionProblem(value, rules) === undefined &&
    (value['command'] as unknown[] | undefined)?.length !== 0 &&
    value['command'] !== undefined
  );
}

function isSpeed(value: unknown): boolean {
  return typeof value === 'number' && value >= 1 && value <= 10_000;
}

function isServiceName(name: string): boolean {
  return /^[a-z0-9]+(-[a-z0-9]+)*$/.test(name);
}

function isService(value: unknown): boolean {
  if (typeof value === 'function') return true;
  return isString(value) && /^https?:\/\//.test(value) && URL.canParse(value) && new URL(value).username === '';
}

/** Numbers and booleans become text, as in a template; one that is left out has its default. */
function isParameterValue(value: unknown): boolean {
  return value === undefined || ['string', 'number', 'boolean'].includes(typeof value);
}
