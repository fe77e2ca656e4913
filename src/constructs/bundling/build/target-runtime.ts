/** Finds the runtime a request is built for. */
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Token } from 'aws-cdk-lib/core';
import type { BundleRequest } from '../bundle-request';
import { BundlingError } from '../bundling-error';
import type { TargetRuntime } from './externals';

/** The runtime named by the options, else by the function, else by its resource. */
export function targetRuntime({ options, scope, resource }: BundleRequest): TargetRuntime {
  const runtime = options.runtime ?? runtimeOf(scope) ?? runtimeOf(resource);
  if (runtime === undefined) {
    throw new BundlingError(
      'the runtime to bundle for is not known here; pass it in the bundling options: { runtime: lambda.Runtime.NODEJS_22_X }',
    );
  }
  // Which release "latest" means may depend on the region, and so be known at deployment only.
  return Token.isUnresolved(runtime.name) ? lambda.Runtime.NODEJS_LATEST : runtime;
}

/** Functions carry a `Runtime`, their resources its name; constructs of other copies of the framework look the same. */
function runtimeOf(owner: object | undefined): TargetRuntime | undefined {
  if (owner === undefined || !('runtime' in owner)) return undefined;
  const { runtime } = owner;
  if (typeof runtime === 'string') return { name: runtime, isVariable: Token.isUnresolved(runtime) };
  if (typeof runtime !== 'object' || runtime === null || !('name' in runtime)) return undefined;
  return { name: String(runtime.name), isVariable: 'isVariable' in runtime && runtime.isVariable === true };
}
