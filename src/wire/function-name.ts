/**
 * The three formats of `FunctionName` and the `Qualifier` beside them: parsed, checked and written.
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_InvokeWithResponseStream.html
 */
import { FUNCTION_NAME_MAX_LENGTH, FUNCTION_NAME_PARAMETER_MAX_LENGTH, QUALIFIER_MAX_LENGTH } from './limits';
import { WireError } from './wire-error';

/** What a `FunctionName` says. A name gives no account, a partial ARN no region and no partition. */
export interface FunctionReference {
  readonly name: string;
  /** Version number, alias, `$LATEST` or `$LATEST.PUBLISHED`; absent means `$LATEST`. */
  readonly qualifier?: string;
  readonly account?: string;
  readonly region?: string;
  /** For example `aws`, `aws-cn`, `aws-us-gov`. */
  readonly partition?: string;
}

const NAME = /^[a-zA-Z0-9_.-]+$/;
const QUALIFIER = /^(\$LATEST(\.PUBLISHED)?|[a-zA-Z0-9_-]+)$/;
const ACCOUNT = /^\d{12}$/;
const REGION = /^[a-z]{2,}(-[a-z]+)+-\d+$/;
const PARTITION = /^aws[a-zA-Z-]*$/;

/**
 * Parses `functionName` in any of its formats, with a qualifier inside it or beside it.
 * @throws WireError `function-name-invalid` or `qualifier-invalid`
 */
export function parseFunctionName(functionName: string, qualifier?: string): FunctionReference {
  checkText(functionName);
  const reference = split(functionName);
  check(reference, functionName);
  if (qualifier === undefined) return reference;
  checkQualifier(qualifier);
  if (reference.qualifier !== undefined && reference.qualifier !== qualifier) {
    throw new WireError(
      'qualifier-invalid',
      `functionName '${functionName}' already names the qualifier '${reference.qualifier}', but qualifier is '${qualifier}'; give one of them`,
    );
  }
  return { ...reference, qualifier };
}

/**
 * Refuses what the service would not take as a qualifier.
 * @throws WireError `qualifier-invalid`
 */
function checkQualifier(qualifier: string): void {
  if (typeof qualifier === 'string' && qualifier.length <= QUALIFIER_MAX_LENGTH && QUALIFIER.test(qualifier)) return;
  const got = typeof qualifier === 'string' ? `'${qualifier.slice(0, 150)}'` : typeof qualifier;
  throw new WireError(
    'qualifier-invalid',
    `qualifier must be a version number, an alias of at most ${QUALIFIER_MAX_LENGTH} letters, digits, '-' and '_', or $LATEST, got ${got}`,
  );
}

function checkText(functionName: string): void {
  if (typeof functionName !== 'string' || functionName === '') {
    const got = functionName === '' ? 'an empty string' : typeof functionName;
    throw new WireError('function-name-invalid', `functionName must be a name, partial ARN or ARN, got ${got}`);
  }
  if (functionName.length > FUNCTION_NAME_PARAMETER_MAX_LENGTH) {
    throw invalid(
      functionName,
      `it has ${functionName.length} characters, at most ${FUNCTION_NAME_PARAMETER_MAX_LENGTH} are allowed`,
    );
  }
}

function split(functionName: string): FunctionReference {
  const parts = functionName.split(':');
  if (parts[0] === 'arn') {
    const [, partition, service, region, account, kind, name = '', qualifier, ...rest] = parts;
    if (service !== 'lambda' || kind !== 'function' || rest.length > 0) {
      throw invalid(
        functionName,
        'an ARN must read arn:<partition>:lambda:<region>:<account>:function:<name>[:<qualifier>]',
      );
    }
    return withQualifier({ partition, region, account, name }, qualifier);
  }
  // The service's own pattern takes an account, then "function", before it takes a name and a qualifier: so
  // `111111111111:chat` names no qualifier.
  const hasAccount =
    parts.length > 1 && (ACCOUNT.test(parts[0] ?? '') || (parts[1] === 'function' && parts.length > 2));
  const [account, ...behind] = hasAccount ? parts : [undefined, ...parts];
  const [name = '', qualifier, ...rest] = behind[0] === 'function' && behind.length > 1 ? behind.slice(1) : behind;
  if (rest.length > 0) throw invalid(functionName, 'a partial ARN must read <account>:function:<name>[:<qualifier>]');
  return withQualifier(account === undefined ? { name } : { account, name }, qualifier);
}

function withQualifier(reference: FunctionReference, qualifier: string | undefined): FunctionReference {
  return qualifier === undefined ? reference : { ...reference, qualifier };
}

function check(reference: FunctionReference, functionName: string): void {
  const { partition, region, account, name, qualifier } = reference;
  if (partition !== undefined && !PARTITION.test(partition))
    throw invalid(functionName, `'${partition}' is not a partition`);
  if (region !== undefined && !REGION.test(region)) throw invalid(functionName, `'${region}' is not a region`);
  if (account !== undefined && !ACCOUNT.test(account))
    throw invalid(functionName, `'${account}' is not a 12-digit account`);
  if (name.length > FUNCTION_NAME_MAX_LENGTH) {
    throw invalid(
      functionName,
      `its name has ${name.length} characters, at most ${FUNCTION_NAME_MAX_LENGTH} are allowed`,
    );
  }
  if (!NAME.test(name))
    throw invalid(functionName, `a name holds only letters, digits, '-', '_' and '.', got '${name}'`);
  if (qualifier !== undefined) checkQualifier(qualifier);
}

function invalid(functionName: string, why: string): WireError {
  const shown = functionName.length > 280 ? `${functionName.slice(0, 280)}…` : functionName;
  return new WireError('function-name-invalid', `functionName '${shown}' is invalid: ${why}`);
}
