/**
 * Loads the AWS SDK's Lambda client from the user's project when it is first needed: the package has no copy of its own.
 * The name stands literally in `require()`, so that bundlers take it along, and inside `try`, so that they go on without
 * it. The CommonJS half keeps `require()`, since jest's CommonJS has no `import()`; `build-tools/esm.mjs` makes
 * `await import()` of it for the ESM half, so that it needs no `require` of its own.
 */
import type * as ClientLambda from '@aws-sdk/client-lambda';
import { StreamError } from '../../stream/errors/stream-error';
import { describe } from '../../stream/errors/system-error';

let loaded: typeof ClientLambda | undefined;

/**
 * @param forClient whether a client of the caller's is there, and only its commands are needed
 * @throws StreamError `CONFIG_INVALID`, naming the install command where the package is missing
 */
export async function loadClientLambda(forClient = false): Promise<typeof ClientLambda> {
  if (loaded !== undefined) return loaded;
  try {
    loaded = (await require('@aws-sdk/client-lambda')) as typeof ClientLambda;
    return loaded;
  } catch (cause) {
    const instead = forClient ? ', or pass a client of the class Lambda, which makes its commands itself' : '';
    const message = isMissing(cause, '@aws-sdk/client-lambda')
      ? `the invoker needs the AWS SDK's Lambda client, which is not installed: npm install @aws-sdk/client-lambda${instead}`
      : `@aws-sdk/client-lambda cannot be loaded: ${describe(cause)}`;
    throw StreamError.of('CONFIG_INVALID', message, {}, { cause });
  }
}

/**
 * Whether `error` says that `packageName` itself, and not one of its own dependencies, cannot be found. Node.js says so of
 * `require()` and `import()` with a code each, and quotes the name; bundlers put a throw of their own in the place.
 */
export function isMissing(error: unknown, packageName: string): boolean {
  const { code, message } = error as { code?: unknown; message?: unknown };
  const isUnresolved = code === 'MODULE_NOT_FOUND' || code === 'ERR_MODULE_NOT_FOUND';
  return isUnresolved && typeof message === 'string' && message.includes(`'${packageName}'`);
}
