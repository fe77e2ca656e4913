/** What the environment variables of a function may be (https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html). */
import { ENVIRONMENT_NAME, ENVIRONMENT_NAME_RULE } from '../../wire/environment-name';
import { ENVIRONMENT_MAX_BYTES } from '../../wire/limits';

/** Set by Lambda. */
const RESERVED = new Set([
  '_HANDLER',
  '_X_AMZN_TRACE_ID',
  'AWS_DEFAULT_REGION',
  'AWS_REGION',
  'AWS_EXECUTION_ENV',
  'AWS_LAMBDA_FUNCTION_NAME',
  'AWS_LAMBDA_FUNCTION_MEMORY_SIZE',
  'AWS_LAMBDA_FUNCTION_VERSION',
  'AWS_LAMBDA_INITIALIZATION_TYPE',
  'AWS_LAMBDA_LOG_GROUP_NAME',
  'AWS_LAMBDA_LOG_STREAM_NAME',
  'AWS_ACCESS_KEY',
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_LAMBDA_RUNTIME_API',
  'LAMBDA_TASK_ROOT',
  'LAMBDA_RUNTIME_DIR',
]);
const UNABLE =
  'Lambda was unable to configure your environment variables because the environment variables you have provided';

/** Why Lambda does not take these variables, in its words; undefined where it does. */
export function environmentProblem(variables: Readonly<Record<string, string>>): string | undefined {
  const names = Object.keys(variables);
  const odd = names.find((name) => !ENVIRONMENT_NAME.test(name) && !RESERVED.has(name));
  if (odd !== undefined) {
    return `the name of an environment variable must ${ENVIRONMENT_NAME_RULE}, got '${odd}'`;
  }
  const reserved = names.filter((name) => RESERVED.has(name));
  if (reserved.length > 0) {
    return `${UNABLE} contains reserved keys that are currently not supported for modification. Reserved keys used in this request: ${reserved.join(', ')}`;
  }
  const measured = JSON.stringify(variables);
  if (Buffer.byteLength(measured) <= ENVIRONMENT_MAX_BYTES) return undefined;
  return `${UNABLE} exceeded the 4KB limit. String measured: ${measured}`;
}
