/**
 * Lambda authorizers of a REST API: asks the function who may call what, and remembers its policy
 * (https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-use-lambda-authorizer.html).
 */
import { isObject } from '../../../base/is-object';
import { realMs, systemClock } from '../../clock';
import type { Decision } from '../../iam/decision';
import { evaluate } from '../../iam/evaluate';
import { policyProblem } from '../../iam/policy-problem';
import { statementsOf } from '../../iam/statement';
import { collectBody } from '../../operations/buffered-body';
import type { PolicyDocument } from '../../policy-document';
import type { RestAuthorizer } from '../../rest-api-state';
import { describeFailure, type FunctionFailure } from '../../runtime/function-failure';
import { invokeAsGateway } from '../invoke-as-gateway';
import { GatewayRefusal } from './gateway-response';
import { requestMembers } from './proxy-event';
import {
  executeApiArn,
  mappedValue,
  methodArn,
  type RestCall,
  type RestIdentity,
  withStageVariables,
} from './rest-call';

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-output.html */
const RESOURCE_MAX_LENGTH = 512;

/** What an authorizer said of one caller. */
interface AuthorizerAnswer {
  readonly policy: PolicyDocument;
  readonly identity: RestIdentity;
}

interface CachedAnswer {
  readonly answer: AuthorizerAnswer;
  readonly until: number;
}

/** Answers by stage, authorizer and the values of its identity sources. */
export class AuthorizerCache {
  private readonly answers = new Map<string, CachedAnswer>();

  /** Asks the authorizer, or what it said before: the policy is evaluated anew for each method. */
  public async decide(
    call: RestCall,
    authorizer: RestAuthorizer,
  ): Promise<{ readonly decision: Decision; readonly identity: RestIdentity }> {
    const sources = identityOf(call, authorizer);
    const key = JSON.stringify([call.api.apiId, call.stage.stageName, authorizer.authorizerId, sources]);
    const now = systemClock.now();
    const known = this.answers.get(key);
    const isFresh = authorizer.ttlSeconds > 0 && known !== undefined && known.until > now;
    const answer = isFresh ? known.answer : await askAuthorizer(call, authorizer, sources[0] ?? '');
    const keptMs = realMs(call.lambda.options, authorizer.ttlSeconds * 1_000);
    if (!isFresh) this.remember(key, { answer, until: now + keptMs }, now);
    const authorizerLatency = isFresh ? 0 : systemClock.now() - now;
    return { decision: decideBy(call, answer.policy), identity: { ...answer.identity, authorizerLatency } };
  }

  private remember(key: string, answer: CachedAnswer, now: number): void {
    for (const [other, { until }] of this.answers) if (until <= now) this.answers.delete(other);
    if (answer.until > now) this.answers.set(key, answer);
  }
}

/** The values of the identity sources; a request without one of them is not even asked about. */
function identityOf(call: RestCall, { identitySources, identityValidation, type }: RestAuthorizer): string[] {
  return identitySources.map((source) => {
    const value = mappedValue(call, source);
    if (value === undefined || value === '') throw new GatewayRefusal('UNAUTHORIZED', `the request has no ${source}`);
    if (
      type === 'TOKEN' &&
      identityValidation !== undefined &&
      !new RegExp(`^(?:${identityValidation})$`).test(value)
    ) {
      throw new GatewayRefusal('UNAUTHORIZED', `${source} does not match ${identityValidation}`);
    }
    return value;
  });
}

async function askAuthorizer(call: RestCall, authorizer: RestAuthorizer, token: string): Promise<AuthorizerAnswer> {
  const { api, lambda, requestId, stage, traceId } = call;
  const { authorizerId, credentials, functionArn, type } = authorizer;
  const event =
    type === 'TOKEN'
      ? { type, methodArn: methodArn(call), authorizationToken: token }
      : { type, methodArn: methodArn(call), ...requestMembers(call) };
  const outcome = await invokeAsGateway(lambda, {
    operation: 'Invoke',
    functionArn: withStageVariables(functionArn, stage),
    sourceArn: executeApiArn(api, `authorizers/${authorizerId}`),
    account: api.account,
    credentials,
    requestId,
    traceId,
    payload: Buffer.from(JSON.stringify(event)),
    question: `authorizer ${authorizerId}`,
  });
  if (outcome.kind === 'refused') throw new GatewayRefusal('AUTHORIZER_CONFIGURATION_ERROR', outcome.reason);
  const { begun, running, tell } = outcome;
  if (begun.kind === 'failure') throw failureOf(begun.failure);
  const payload = await collectBody(begun.response.body);
  tell(payload);
  const failure = begun.response.body.complete ? begun.response.failure() : (await running.completed).failure;
  if (failure !== undefined) throw failureOf(failure);
  return readAnswer(payload === 'too-large' ? '' : payload.toString('utf8'));
}

/** An authorizer says "nobody I know" by failing with exactly this word. */
function failureOf(failure: FunctionFailure): GatewayRefusal {
  const words = describeFailure(failure);
  const says = /^\w+: Unauthorized$/.test(words) || words === 'Unauthorized';
  return new GatewayRefusal(says ? 'UNAUTHORIZED' : 'AUTHORIZER_FAILURE', words);
}

function readAnswer(text: string): AuthorizerAnswer {
  const malformed = (problem: string) =>
    new GatewayRefusal('AUTHORIZER_CONFIGURATION_ERROR', `the answer of the authorizer ${problem}`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw malformed(`is not JSON: ${text.slice(0, 80)}`);
  }
  if (!isObject(value)) throw malformed('must be an object with principalId and policyDocument');
  const { context = {}, policyDocument, principalId, usageIdentifierKey } = value;
  if (typeof principalId !== 'string' || principalId === '') throw malformed('must have a principalId');
  if (!isObject(policyDocument)) throw malformed('must have a policyDocument');
  const problem = policyProblem(policyDocument, 'identity');
  if (problem !== undefined) throw malformed(`has a policyDocument that ${problem}`);
  const policy = policyDocument as unknown as PolicyDocument; // just checked
  const long = statementsOf(policy)
    .flatMap(({ Resource = [] }) => Resource)
    .find(({ length }) => length > RESOURCE_MAX_LENGTH);
  if (long !== undefined) {
    throw malformed(
      `has a Resource of ${long.length} characters, and ${RESOURCE_MAX_LENGTH} are allowed: ${long.slice(0, 80)}…`,
    );
  }
  if (!isObject(context)) throw malformed('must have an object as its context');
  const claims = Object.entries(context).map(([name, claim]) => {
    if (claim !== null && typeof claim === 'object') throw malformed(`must have strings in its context, got ${name}`);
    return [name, String(claim)];
  });
  return {
    policy,
    identity: {
      authorizer: { ...Object.fromEntries(claims), principalId },
      ...(typeof usageIdentifierKey === 'string' && { usageIdentifierKey }),
    },
  };
}

function decideBy(call: RestCall, policy: PolicyDocument): Decision {
  const { account } = call.api;
  return evaluate({
    principal: { kind: 'administrator', arn: `arn:${call.api.partition}:iam::${account}:root`, account },
    action: 'execute-api:Invoke',
    resource: methodArn(call),
    context: { 'aws:SourceIp': call.request.socket.remoteAddress },
    identityPolicies: [{ name: 'policyDocument of the authorizer', document: policy }],
  });
}
