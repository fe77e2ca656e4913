/** Which of the deployed roles is meant: by ARN, name, construct path or logical id, or by a function, whose execution role it is. */
import { nearestName } from '../base/nearest-name';
import type { LocalResource } from '../local/find-resource';
import { isLocalConfigError, isPrincipalError } from '../local/local-error';
import type { LocalTarget } from '../local/local-target';

/**
 * The ARN of a role, an account's root or a user.
 * @param near ARN of what is asked for: of several roles of a name that of its account is meant
 */
export function findRole(local: LocalTarget, as: string, near: string): string {
  if (as === '') {
    const message = "--as must be a role, by its ARN, name, construct path or logical id, got ''";
    throw Object.assign(new Error(message), { code: 'CONFIG_INVALID' });
  }
  const rolesAs = (name?: string) =>
    local
      .whoMay({ action: 'lambda:InvokeFunction', resource: near, ...(name !== undefined && { as: name }) })
      .map((decision) => decision.as);
  try {
    return rolesAs(as)[0] ?? as;
  } catch (error) {
    if (!isPrincipalError(error)) throw error;
    const arn = roleOf(local, as);
    if (arn !== undefined) return arn;
    throw notFound(
      as.startsWith('arn:') || error.message.startsWith('several') ? error.message : unknownRole(local, as, rolesAs()),
    );
  }
}

/** Of a construct: the role, or that of the function. */
function roleOf(local: LocalTarget, name: string): string | undefined {
  const found = tryFind(local, name);
  if (found === undefined) return undefined;
  if (found.type === 'AWS::IAM::Role') return found.arn;
  const fn = local.functions().find(({ functionArn }) => functionArn === found.arn);
  if (fn !== undefined) return fn.roleArn;
  throw notFound(`'${name}' is of type ${found.type}; name a role, or a function for its execution role`);
}

function unknownRole(local: LocalTarget, as: string, arns: readonly string[]): string {
  const roles = arns.map((arn) => ({ arn, path: tryFind(local, arn)?.constructPath }));
  const names = roles.flatMap(({ arn, path }) => [path ?? '', arn.slice(arn.lastIndexOf('/') + 1)]);
  const near = nearestName(as, names);
  const list = roles.map(({ arn, path }) => `\n  ${arn}${path === undefined ? '' : ` (${path})`}`).join('');
  const advice = near === undefined ? '' : `\nDid you mean '${near}'?`;
  return `no deployed stack defines the role ${as}; known roles are:${list || ' none'}${advice}`;
}

/** Undefined where nothing has the name. What several have is an error. */
export function tryFind(local: LocalTarget, name: string): LocalResource | undefined {
  try {
    return local.find(name);
  } catch (error) {
    if (!isLocalConfigError(error)) throw error;
    if (error.message.startsWith('several')) throw notFound(error.message);
    return undefined;
  }
}

const notFound = (message: string): Error => Object.assign(new Error(message), { code: 'NOT_FOUND' });
