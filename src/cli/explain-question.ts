/** What `explain` asks of IAM: who may call a function, or whether the role of one may do something to a resource. */
import { isObject } from '../base/is-object';
import type { LocalResource } from '../local/find-resource';
import { knownAction } from '../local/iam/lambda-actions';
import type { LocalTarget } from '../local/local-target';
import type { PrincipalDecision } from '../local/who-may';
import { findDeployed, type NamedFunction } from './deployed-function';
import { findRole, tryFind } from './deployed-role';

export interface ExplainQuestion extends NamedFunction {
  /** This role alone. */
  readonly as?: string | undefined;
  readonly action: string;
  /** What the function, or a role in its place, wants to do it to: an ARN or a construct path. */
  readonly resource?: string | undefined;
}

export interface ExplainAnswer {
  readonly action: string;
  /** Whether a call of the function URL is meant, for which it is one of two actions. */
  readonly throughUrl?: true;
  readonly resource: string;
  readonly decisions: readonly PrincipalDecision[];
}

/** One answer for each action that it takes. */
export function answerExplain(local: LocalTarget, question: ExplainQuestion): readonly ExplainAnswer[] {
  const action = knownAction(question.action);
  if (!/^[a-z\d-]+:\w+$/i.test(action)) {
    throw invalid(`--action must be an action of IAM, such as dynamodb:GetItem, got '${action}'`);
  }
  if (question.resource !== undefined) return [ofRole(local, action, question.resource, question)];
  if (!action.startsWith('lambda:')) {
    throw invalid(
      `--action '${action}' is not one of Lambda, so say on what the function may do it: ` +
        `--resource with an ARN, a construct path, or '*'`,
    );
  }
  const url = urlArn(local, question);
  const resource = url ?? calledArn(local, question);
  const as = question.as === undefined ? {} : { as: findRole(local, question.as, resource) };
  const isCallOfUrl = action === URL_ACTION || (url !== undefined && action === FUNCTION_ACTION);
  if (!isCallOfUrl) return [{ action, resource, decisions: local.whoMay({ action, resource, ...as }) }];
  // Whoever has one of them is refused.
  return [URL_ACTION, FUNCTION_ACTION].map((each) => {
    const asked = { action: each, resource, throughUrl: true } as const;
    return { ...asked, decisions: local.whoMay({ ...asked, ...as }) };
  });
}

const URL_ACTION = 'lambda:InvokeFunctionUrl';
const FUNCTION_ACTION = 'lambda:InvokeFunction';

function calledArn(local: LocalTarget, question: ExplainQuestion): string {
  const { functionArn, qualifier = question.qualifier } = findDeployed(local, question);
  return qualifier === undefined ? functionArn : `${functionArn}:${qualifier}`;
}

/** What a function URL calls, by the construct path of the URL or its address. */
function urlArn(local: LocalTarget, { function: name, qualifier }: ExplainQuestion): string | undefined {
  const found = name === '' || qualifier !== undefined ? undefined : tryFind(local, name);
  return found?.type === 'AWS::Lambda::Url' ? found.arn : undefined;
}

/** Whether the role of a function, or a role by itself, may do something to a resource. */
function ofRole(
  local: LocalTarget,
  action: string,
  name: string,
  { function: who, as }: ExplainQuestion,
): ExplainAnswer {
  if (as !== undefined) {
    throw invalid(
      `--resource asks what '${who}' may do, and --as who may call it: leave one out; a role can stand in the place of the function`,
    );
  }
  const resource = resourceArn(local, action, name);
  return { action, resource, decisions: local.whoMay({ action, resource, as: roleOfCaller(local, who, resource) }) };
}

/** What was looked for first is what was probably meant. */
function roleOfCaller(local: LocalTarget, who: string, near: string): string {
  try {
    const { functionArn } = findDeployed(local, { function: who, qualifier: '' });
    return local.functions().find((fn) => fn.functionArn === functionArn)?.roleArn ?? who;
  } catch (noFunction) {
    if (who === '') throw noFunction;
    try {
      return findRole(local, who, near);
    } catch (noRole) {
      throw isObject(noRole) && noRole['code'] === 'NOT_FOUND' ? noFunction : noRole;
    }
  }
}

/** Of an object its path is that of its bucket and its key; of an index that of its table and `index/` with its name. */
function resourceArn(local: LocalTarget, action: string, name: string): string {
  if (name === '*' || name.startsWith('arn:')) return requireObject(action, name);
  const { type, arn, invokeArn, rest } = findWithin(local, name);
  if (arn === undefined) throw invalid(`'${name}' is of type ${type}, which has no ARN here; give one to --resource`);
  if (rest !== '') return `${arn}/${rest}`;
  return action.startsWith('lambda:Invoke') ? (invokeArn ?? arn) : requireObject(action, arn);
}

const HAS_PARTS = ['AWS::S3::Bucket', 'AWS::DynamoDB::Table', 'AWS::DynamoDB::GlobalTable'];

function findWithin(local: LocalTarget, name: string): LocalResource & { readonly rest: string } {
  const whole = tryFind(local, name);
  if (whole !== undefined) return { ...whole, rest: '' };
  const parts = name.split('/');
  for (let length = parts.length - 1; length > 0; length -= 1) {
    const found = tryFind(local, parts.slice(0, length).join('/'));
    if (found !== undefined && HAS_PARTS.includes(found.type)) return { ...found, rest: parts.slice(length).join('/') };
  }
  return { ...local.find(name), rest: '' };
}

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html */
const OF_OBJECTS = /^s3:(?!.*Bucket)(?:.*Object|AbortMultipartUpload|ListMultipartUploadParts)/i;

/** No policy on objects names their bucket, so the answer would be a wrong no. */
function requireObject(action: string, arn: string): string {
  if (!OF_OBJECTS.test(action) || !/^arn:[^:]+:s3:::[^/]+$/.test(arn)) return arn;
  throw invalid(`${action} is done to an object, and '${arn}' is a bucket; add the key of one: '${arn}/key'`);
}

const invalid = (message: string): Error => Object.assign(new Error(message), { code: 'CONFIG_INVALID' });
