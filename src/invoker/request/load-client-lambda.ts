/**
 * Loads the AWS SDK's Lambda client from the user's project when it is first needed: the package has no copy of its own.
 * The name stands literally in `require()`, so that bundlers take it along, and inside `try`, so that they go on without
 * it. The CommonJS half keeps `require()`, since jest's CommonJS has no `import()`; `build-tools/esm.mjs` makes
 * `await import()` of it for the ESM half, so that it needs no `require` of its own.
 */
import type * as ClientLambda from '@aws-sdk/client-lambda';
import { once } from '../../base/promises';
import { StreamError } from '../../stream/errors/stream-error';
import { describe } from '../../stream/errors/system-error';

/**
 * What loading a package came to. It is asked for once, also where that failed: at the second time the bundles of older
 * versions of esbuild give the part of it that ran before the error, and what comes of that part hides why.
 */
export type LoadedPackage<T> = { readonly sdk: T } | { readonly cause: unknown };

const load = once(async (): Promise<LoadedPackage<typeof ClientLambda>> => {
  try {
    return { sdk: (await require('@aws-sdk/client-lambda')) as typeof ClientLambda };
  } catch (cause) {
    return { cause };
  }
});

/**
 * @param forClient whether a client of the caller's is there, and only its commands are needed
 * @throws StreamError `CONFIG_INVALID`, naming the install command where the package is missing
 */
export async function loadClientLambda(forClient = false): Promise<typeof ClientLambda> {
  const loaded = await load();
  if ('sdk' in loaded) return loaded.sdk;
  const instead = forClient ? ', or pass a client of the class Lambda, which makes its commands itself' : '';
  throw notLoaded('@aws-sdk/client-lambda', "the invoker needs the AWS SDK's Lambda client", loaded.cause, instead);
}

/** esbuild says so where CommonJS, which the AWS SDK is, goes into a bundle that is an ES module. */
const NO_REQUIRE = /^Dynamic require of .* is not supported/;

/**
 * @param need what it is wanted for, for a message
 * @param instead what else the caller can do where the package is missing
 */
export function notLoaded(packageName: string, need: string, cause: unknown, instead = ''): StreamError {
  const said = describe(cause);
  const remedy = NO_REQUIRE.test(said)
    ? "; a bundle of esbuild with format 'esm' needs the option banner that docs/invoker.md shows"
    : '';
  const message = isMissing(cause, packageName)
    ? `${need}, which is not installed: npm install ${packageName}${instead}`
    : `${packageName} cannot be loaded: ${said}${remedy}`;
  return StreamError.of('CONFIG_INVALID', message, {}, { cause });
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
