/** The runtime a bundle is built for, and the modules that it leaves to the runtime. */
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Annotations, FeatureFlags, Token } from 'aws-cdk-lib/core';
import { LAMBDA_NODEJS_SDK_V3_EXCLUDE_SMITHY_PACKAGES } from 'aws-cdk-lib/cx-api';
import type { Construct } from 'constructs';
import type { StreamingBundlingOptions } from '../../streaming-bundling-options';
import { BundlingError } from '../bundling-error';

/** The part of a runtime that bundling depends on. */
export type TargetRuntime = Pick<lambda.Runtime, 'name' | 'isVariable'>;

/** Node.js releases from this one on carry version 3 of the SDK, those before it version 2. */
const FIRST_SDK_V3_NODE = 18;

/** The runtime named by the options, else by the function, else by its resource. */
export function targetRuntime(
  options: StreamingBundlingOptions,
  scope: Construct,
  resource: object | undefined,
): TargetRuntime {
  const runtime = options.runtime ?? runtimeOf(scope) ?? runtimeOf(resource);
  if (runtime === undefined) {
    throw new BundlingError(
      'OptionInvalid',
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

/** Modules the runtime is to have, as given or as `NodejsFunction` assumes them. */
export function externalsFor(
  scope: Construct,
  node: number,
  runtime: TargetRuntime,
  options: StreamingBundlingOptions,
): readonly string[] {
  if (options.externalModules) return options.externalModules;
  // A variable runtime may change under the function, so it brings its own SDK.
  if (runtime.isVariable || options.bundleAwsSDK) return [];
  if (node < FIRST_SDK_V3_NODE) return ['aws-sdk'];
  const smithyToo = FeatureFlags.of(scope).isEnabled(LAMBDA_NODEJS_SDK_V3_EXCLUDE_SMITHY_PACKAGES);
  return smithyToo ? ['@aws-sdk/*', '@smithy/*'] : ['@aws-sdk/*'];
}

/** Warns in the cases in which `NodejsFunction` does. */
export function warnAboutExternals(
  scope: Construct,
  node: number,
  runtime: TargetRuntime,
  externals: readonly string[],
): void {
  if (externals.length === 0) return;
  const warn = (id: string, text: string) =>
    Annotations.of(scope).addWarningV2(`cdk-lambda-streaming:${id}`, `${text} Left to it: ${externals.join(', ')}.`);
  const hasVersion3 = node >= FIRST_SDK_V3_NODE;
  if (hasVersion3 && externals.includes('aws-sdk')) {
    warn(
      'SdkNotInRuntime',
      `${runtime.name} has version 3 of the AWS SDK only; bundle aws-sdk, or put it into a layer.`,
    );
  }
  if (!hasVersion3 && externals.some((name) => name.startsWith('@aws-sdk/'))) {
    warn(
      'SdkNotInRuntime',
      `${runtime.name} has version 2 of the AWS SDK only; bundle @aws-sdk, or use a newer runtime.`,
    );
  }
  if (!hasVersion3) {
    warn(
      'SdkChangesWithRuntime',
      `${runtime.name} is deprecated by Lambda; use a newer runtime, such as lambda.Runtime.NODEJS_22_X. Newer ones have ` +
        'version 3 of the AWS SDK instead of version 2: code that imports aws-sdk then has to bundle it, or to move to @aws-sdk.',
    );
  }
  if (runtime.isVariable) {
    warn(
      'ExternalsOfVariableRuntime',
      'the runtime may change as Lambda gets new ones, and with it the modules it has: ' +
        'put them into a layer, or name one runtime version.',
    );
  }
}
