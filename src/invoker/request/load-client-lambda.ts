/**
 * Loads the AWS SDK's Lambda client from the user's project when it is first needed: the package has no copy of its own.
 * `require` and not `import()`: the latter fails in jest's CommonJS; the ESM build brings its own `require`.
 */
import type * as ClientLambda from '@aws-sdk/client-lambda';
import { StreamError } from '../../stream/errors/stream-error';
import { describe } from '../../stream/errors/system-error';

/** @throws StreamError `INPUT_INVALID`, naming the install command where the package is missing */
export function loadClientLambda(): typeof ClientLambda {
  try {
    return require('@aws-sdk/client-lambda') as typeof ClientLambda;
  } catch (cause) {
    const message = isMissing(cause, '@aws-sdk/client-lambda')
      ? "the invoker needs the AWS SDK's Lambda client, which is not installed: npm install @aws-sdk/client-lambda"
      : `@aws-sdk/client-lambda cannot be loaded: ${describe(cause)}`;
    throw StreamError.of('INPUT_INVALID', message, {}, { cause });
  }
}

/** Whether `error` says that `packageName` itself, and not one of its own dependencies, cannot be found. */
export function isMissing(error: unknown, packageName: string): boolean {
  const { code, message } = error as { code?: unknown; message?: unknown };
  return code === 'MODULE_NOT_FOUND' && typeof message === 'string' && message.includes(`'${packageName}'`);
}
