/** The small truths about other services that the deployed stacks tell: SSM parameters, secrets, and who one is. */

import { randomUUID } from 'node:crypto';
import { BOOTSTRAP_VERSION } from '../bootstrap';
import { didYouMean } from '../did-you-mean';
import { ServiceException } from '../errors';
import type { Authorize } from '../iam/authorize';
import { type Principal, principalAccount, principalName } from '../iam/principals';
import type { WaiterState } from '../state';
import {
  type ServiceCaller as BuiltInCaller,
  demand,
  type ServiceInput as Input,
  type ServiceResult as Result,
  type ServiceOperation,
} from './service-operation';
import { STS } from './sts/sts';
import type { WebIdentityContext } from './sts/web-identity';

/** What a built-in operation may know and do. */
export interface BuiltInContext extends WebIdentityContext {
  readonly ssmParameters: Readonly<Record<string, string>>;
  /** A text with the addresses of AWS in it replaced by those that answer here. */
  readonly localAddress: (text: string) => string;
  readonly authorize: Authorize;
  /** Starts a waiter of the CDK's provider framework. @param input of the execution, JSON */
  readonly startWaiter: (waiter: WaiterState, input: string) => void;
}

/** By signing name and operation. */
export const BUILT_IN: Readonly<Record<string, ServiceOperation<BuiltInContext>>> = {
  'ec2.DescribeAvailabilityZones': availabilityZones,
  'ssm.GetParameter': (input, caller, context) => ({
    Parameter: parameter(String(input['Name']), 'ssm:GetParameter', caller, context),
  }),
  'ssm.GetParameters': (input, caller, context) => {
    const names = Array.isArray(input['Names']) ? input['Names'].map(String) : [];
    const found = names.map((name) => findParameter(name, 'ssm:GetParameters', caller, context));
    return {
      Parameters: found.filter((each) => each !== undefined),
      InvalidParameters: names.filter((_, i) => found[i] === undefined),
    };
  },
  'ssm.PutParameter': putParameter,
  'ssm.GetParametersByPath': (input, caller, context) => parametersByPath(input, caller, context),
  'secretsmanager.GetSecretValue': (input, caller, context) => secretValue(String(input['SecretId']), caller, context),
  'states.StartExecution': startExecution,
  ...STS,
};

/**
 * Three in each region: the cdk CLI asks for them, for every app that has a VPC and names its account.
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeAvailabilityZones.html
 */
function availabilityZones(_: Input, caller: BuiltInCaller, { authorize }: BuiltInContext): Result {
  demand('ec2:DescribeAvailabilityZones', '*', caller, authorize, 'ec2');
  const { region } = caller;
  const items = ['a', 'b', 'c'].map(
    (zone) =>
      `<item><zoneName>${region}${zone}</zoneName><zoneState>available</zoneState><regionName>${region}</regionName>` +
      '<zoneType>availability-zone</zoneType><optInStatus>opt-in-not-required</optInStatus></item>',
  );
  return `<availabilityZoneInfo>${items.join('')}</availabilityZoneInfo>`;
}

interface Parameter {
  readonly Name: string;
  readonly Value: string;
  readonly [member: string]: unknown;
}

function parameter(name: string, action: string, caller: BuiltInCaller, context: BuiltInContext): Parameter {
  const found = findParameter(name, action, caller, context);
  if (found !== undefined) return found;
  const near = didYouMean(name, Object.keys(context.ssmParameters));
  const hint = `no stack has defined the parameter ${name}${near}; give its value: startLocal({ ssmParameters: { '${name}': … } })`;
  throw new ServiceException({ type: 'ParameterNotFound', statusCode: 400, message: hint });
}

function findParameter(
  reference: string,
  action: string,
  caller: BuiltInCaller,
  context: BuiltInContext,
): Parameter | undefined {
  const named = reference.replace(/:\d+$/, '');
  const isArn = named.startsWith('arn:');
  const name = isArn ? named.replace(/^.*?:parameter/, '') : named;
  const arn = isArn ? named : parameterArnOf(name, caller);
  demand(action, arn, caller, context.authorize);
  // What was given is there for every account, but somebody else's parameter is shared by nobody here.
  const given =
    arn === parameterArnOf(name, caller) ? (context.ssmParameters[name] ?? bootstrapParameter(name)) : undefined;
  const Value = context.state.parameters.get(arn) ?? given;
  return Value === undefined
    ? undefined
    : { ARN: arn, DataType: 'text', Name: name, Type: 'String', Value: context.localAddress(Value), Version: 1 };
}

/** https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html */
function putParameter({ Name, Overwrite, Value }: Input, caller: BuiltInCaller, context: BuiltInContext): Result {
  const arn = parameterArnOf(String(Name), caller);
  demand('ssm:PutParameter', arn, caller, context.authorize);
  if (context.state.parameters.has(arn) && Overwrite !== true) {
    const message =
      'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.';
    throw new ServiceException({ type: 'ParameterAlreadyExists', statusCode: 400, message });
  }
  context.state.parameters.set(arn, String(Value));
  return { Tier: 'Standard', Version: 1 };
}

/** An account that was never bootstrapped is taken for one that was. */
function bootstrapParameter(name: string): string | undefined {
  return /^\/cdk-bootstrap\/[a-z0-9]{1,10}\/version$/.test(name) ? BOOTSTRAP_VERSION : undefined;
}

function parametersByPath(input: Input, caller: BuiltInCaller, context: BuiltInContext): Result {
  const path = String(input['Path']).replace(/\/?$/, '/');
  const prefix = parameterArnOf(path, caller);
  demand('ssm:GetParametersByPath', prefix.replace(/\/$/, ''), caller, context.authorize);
  const here = [...context.state.parameters]
    .filter(([arn]) => arn.startsWith(prefix))
    .map(([arn, value]) => [`/${arn.replace(/^.*?:parameter\//, '')}`, value] as const);
  const given = Object.entries(context.ssmParameters).filter(([name]) => name.startsWith(path));
  const isWanted = (name: string) => input['Recursive'] === true || !name.slice(path.length).includes('/');
  return {
    Parameters: [...new Map([...given, ...here])]
      .filter(([name]) => isWanted(name))
      .map(([Name, Value]) => ({
        ARN: parameterArnOf(Name, caller),
        DataType: 'text',
        Name,
        Type: 'String',
        Value: context.localAddress(Value),
        Version: 1,
      })),
  };
}

function parameterArnOf(name: string, { principal, region }: BuiltInCaller): string {
  return `arn:${partitionOf(principal)}:ssm:${region}:${principalAccount(principal) ?? ''}:parameter/${name.replace(/^\//, '')}`;
}

function partitionOf(principal: Principal): string {
  return principalName(principal).split(':')[1] ?? 'aws';
}

function secretValue(id: string, caller: BuiltInCaller, context: BuiltInContext): Result {
  const account = principalAccount(caller.principal) ?? '';
  const mine = [...context.state.secrets].filter(([arn]) => arn.split(':')[3] === caller.region);
  const found = mine.find(([arn, { name }]) => arn === id || (name === id && arn.split(':')[4] === account));
  const [arn = `arn:${partitionOf(caller.principal)}:secretsmanager:${caller.region}:${account}:secret:${id}`] =
    found ?? [];
  demand('secretsmanager:GetSecretValue', arn, caller, context.authorize);
  if (found === undefined) {
    const message = `Secrets Manager can't find the specified secret: no stack has defined ${id}`;
    throw new ServiceException({ type: 'ResourceNotFoundException', statusCode: 400, message });
  }
  const { name, value } = found[1];
  return {
    ARN: arn,
    Name: name,
    SecretString: context.localAddress(value),
    VersionId: '00000000-0000-0000-0000-000000000001',
    VersionStages: ['AWSCURRENT'],
  };
}

/** https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html */
function startExecution(input: Input, caller: BuiltInCaller, context: BuiltInContext): Result {
  const arn = String(input['stateMachineArn']);
  demand('states:StartExecution', arn, caller, context.authorize);
  const waiter = context.state.waiters.get(arn);
  if (waiter === undefined) {
    const message = `the local target plays the waiters of the CDK's custom resources only, and ${arn} is none; give an endpoint or a handler: startLocal({ services: { sfn: … } })`;
    throw new ServiceException({ type: 'StateMachineDoesNotExist', statusCode: 400, message });
  }
  context.startWaiter(waiter, String(input['input'] ?? '{}'));
  const executionArn = `${arn.replace(':stateMachine:', ':execution:')}:${String(input['name'] ?? randomUUID())}`;
  return { executionArn, startDate: Math.floor(Date.now() / 1_000) };
}
