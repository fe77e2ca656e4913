/** From `FunctionName` and `Qualifier` of a request to the version that runs, or to the error AWS answers. */
import { parseFunctionName } from '../../wire/function-name';
import { FUNCTION_NAME_PARAMETER_MAX_LENGTH, QUALIFIER_MAX_LENGTH } from '../../wire/limits';
import { isWireError } from '../../wire/wire-error';
import { functionNotFound, invalidParameterValue, ServiceException, validationFailed } from '../errors';
import type { AliasState, FunctionConfiguration, FunctionState, LocalState } from '../state';

/** The function a request names, whether it exists or not. */
export interface FunctionReference {
  readonly functionName: string;
  readonly qualifier: string | undefined;
  /** Unqualified. */
  readonly functionArn: string;
  /** Qualified when the request was; IAM decides on this one. */
  readonly resourceArn: string;
}

const NAME_PATTERN =
  '(arn:(aws[a-zA-Z-]*)?:lambda:)?([a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:)?(\\d{12}:)?(function:)?' +
  '([a-zA-Z0-9-_\\.]+)(:(\\$LATEST(\\.PUBLISHED)?|[a-zA-Z0-9-_]+))?';
const QUALIFIER_PATTERN = '\\$(LATEST(\\.PUBLISHED)?)|[a-zA-Z0-9-_$]+';

/** @param caller account and region of the signature; they complete a bare name */
export function functionReference(
  functionName: string,
  qualifier: string | undefined,
  caller: { readonly account: string; readonly region: string },
): FunctionReference {
  const named = parse(functionName);
  if (qualifier !== undefined) checkQualifier(qualifier);
  if (qualifier !== undefined && named.qualifier !== undefined && named.qualifier !== qualifier) {
    throw new ServiceException(
      invalidParameterValue('The derived qualifier from the function name does not match the specified qualifier.'),
    );
  }
  const { name, account = caller.account, region = caller.region, partition = 'aws' } = named;
  if (region !== caller.region) {
    throw new ServiceException({
      ...functionNotFound(''),
      message: `Functions from '${region}' are not reachable in this region ('${caller.region}')`,
    });
  }
  const functionArn = `arn:${partition}:lambda:${region}:${account}:function:${name}`;
  const used = qualifier ?? named.qualifier;
  const resourceArn = used === undefined ? functionArn : `${functionArn}:${used}`;
  return { functionName: name, qualifier: used, functionArn, resourceArn };
}

function parse(functionName: string): ReturnType<typeof parseFunctionName> {
  if (functionName.length > FUNCTION_NAME_PARAMETER_MAX_LENGTH) {
    const constraint = `Member must have length less than or equal to ${FUNCTION_NAME_PARAMETER_MAX_LENGTH}`;
    throw new ServiceException(validationFailed('functionName', functionName, constraint));
  }
  try {
    return parseFunctionName(functionName);
  } catch (error) {
    if (!isWireError(error)) throw error;
    throw new ServiceException(validationFailed('functionName', functionName, pattern(NAME_PATTERN)));
  }
}

function checkQualifier(qualifier: string): void {
  if (qualifier.length > QUALIFIER_MAX_LENGTH) {
    const constraint = `Member must have length less than or equal to ${QUALIFIER_MAX_LENGTH}`;
    throw new ServiceException(validationFailed('qualifier', qualifier, constraint));
  }
  if (!new RegExp(`^(${QUALIFIER_PATTERN})$`).test(qualifier)) {
    throw new ServiceException(validationFailed('qualifier', qualifier, pattern(QUALIFIER_PATTERN)));
  }
}

function pattern(expression: string): string {
  return `Member must satisfy regular expression pattern: ${expression}`;
}

/** The version a reference stands for now; a weighted alias decides by `random`, between 0 and 1. */
export function resolveVersion(
  state: LocalState,
  named: FunctionReference,
  random: () => number,
): FunctionConfiguration {
  const found = state.functions.get(named.functionArn);
  const configuration = found && versionOf(found, named.qualifier ?? '$LATEST', random);
  if (configuration === undefined) throw new ServiceException(functionNotFound(named.resourceArn));
  return configuration;
}

function versionOf(state: FunctionState, qualifier: string, random: () => number): FunctionConfiguration | undefined {
  const alias = state.aliases.get(qualifier);
  return state.versions.get(alias === undefined ? qualifier : chooseVersion(alias, random));
}

function chooseVersion(alias: AliasState, random: () => number): string {
  let share = random();
  for (const [version, weight] of Object.entries(alias.additionalVersionWeights)) {
    if (share < weight) return version;
    share -= weight;
  }
  return alias.functionVersion;
}
