/** Lambda code bundled from an entry file, for any function; `StreamingFunction` uses it too. */
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Annotations, type CfnResource, Lazy } from 'aws-cdk-lib/core';
import {
  ASSET_RESOURCE_METADATA_ENABLED_CONTEXT,
  ASSET_RESOURCE_METADATA_IS_BUNDLED_KEY,
  ASSET_RESOURCE_METADATA_PATH_KEY,
  ASSET_RESOURCE_METADATA_PROPERTY_KEY,
} from 'aws-cdk-lib/cx-api';
import type { Construct } from 'constructs';
import type { StagedAsset } from './bundling/assets/asset-staging';
import type { BundleRequest } from './bundling/bundle-request';
import { BundlingError } from './bundling/bundling-error';
import { BundlingRegistry } from './bundling/bundling-registry';
import { type ResolvedEntry, resolveEntry } from './bundling/entry-path';
import { warnAboutHandler } from './bundling/handler-warning';
import { checkOptions } from './bundling/options/check-options';
import type { StreamingBundlingOptions } from './streaming-bundling-options';

/**
 * Lambda code bundled by esbuild from a JavaScript or TypeScript entry file.
 *
 * Bundling waits until a template is made: then all entries of the app are built in one pass, and those whose sources
 * have not changed since an earlier synth are not built at all. The export `handler` of the entry is reached as
 * `index.handler`.
 */
export class StreamingCode extends lambda.Code {
  /**
   * Code bundled from an entry file.
   *
   * @param entry path of the entry file; a relative one is relative to the source file that defines the construct
   * @param options how to bundle; the defaults are those of `NodejsFunction`
   * @throws BundlingError where the file does not exist, listing the paths that were tried
   */
  public static fromEntry(entry: string, options?: StreamingBundlingOptions): StreamingCode {
    return new StreamingCode(resolveEntry(entry), options === undefined ? {} : options);
  }

  /** Always false: the bundle is an asset. */
  public readonly isInline = false;

  /** Absolute path of the entry file. */
  public readonly entry: string;

  private readonly requests = new Map<Construct, BundleRequest>();

  private constructor(
    private readonly resolved: ResolvedEntry,
    private readonly options: StreamingBundlingOptions,
  ) {
    super();
    this.entry = resolved.file;
  }

  /**
   * The hash of the bundle's contents.
   *
   * A plain value when the bundle is known already, because of `eager` or an earlier synth; else a token.
   * With several functions it is the hash for the one that was given this code first.
   */
  public get assetHash(): string {
    const [request] = this.requests.values();
    if (!request) throw new BundlingError('NotBound', 'assetHash is known once a function has been given this code');
    return found(request)?.hash ?? Lazy.string({ produce: () => locate(request).hash });
  }

  /**
   * Called by the function or layer that is given this code.
   *
   * @param scope the function or layer
   */
  public bind(scope: Construct): lambda.CodeConfig {
    checkOptions(scope, this.options);
    const request: BundleRequest = { scope, entry: this.entry, options: this.options };
    this.requests.set(scope, request);
    BundlingRegistry.of(scope).add(request);
    if (this.resolved.shadowed) {
      Annotations.of(scope).addWarningV2(
        'cdk-lambda-streaming:EntryInTwoPlaces',
        `the entry could be ${this.entry} or ${this.resolved.shadowed}; the first is used, since it is relative to the ` +
          'file that defines the construct. Pass an absolute path to choose.',
      );
    }
    return {
      s3Location: {
        bucketName: Lazy.string({ produce: () => locate(request).bucketName }),
        objectKey: Lazy.string({ produce: () => locate(request).objectKey }),
      },
    };
  }

  /**
   * Called by the function or layer once its CloudFormation resource exists.
   *
   * @param resource the resource the code is for
   * @param options where in the resource the code is
   */
  public bindToResource(resource: CfnResource, options?: lambda.ResourceBindOptions): void {
    const requests = [...this.requests.values()];
    const request = requests.find(({ scope }) => scope === resource.node.scope) ?? requests.at(-1);
    if (!request) {
      throw new BundlingError('NotBound', `bind() must be called before bindToResource() for '${resource.node.path}'`);
    }
    const registry = BundlingRegistry.of(request.scope);
    registry.attach(request, resource);
    if (this.options.eager) registry.bundleNow(request);
    else registry.tryCached(request);
    if (isFunction(resource)) {
      useKnownLocation(resource, request);
      warnAboutHandler(request, resource, () => registry.find(request)?.contents);
    }
    addAssetMetadata(resource, request, options?.resourceProperty ?? 'Code');
  }
}

function locate(request: BundleRequest): StagedAsset {
  return BundlingRegistry.of(request.scope).locate(request);
}

function found(request: BundleRequest): StagedAsset | undefined {
  return BundlingRegistry.of(request.scope).find(request)?.asset;
}

/** Code that reads the resource sees the real object key, when there is one already. */
function useKnownLocation(resource: lambda.CfnFunction, request: BundleRequest): void {
  const asset = found(request);
  if (asset === undefined) return;
  resource.code = { s3Bucket: asset.bucketName, s3Key: asset.objectKey };
}

function isFunction(resource: CfnResource): resource is lambda.CfnFunction {
  return resource.cfnResourceType === lambda.CfnFunction.CFN_RESOURCE_TYPE_NAME;
}

/** Lets `sam local` and `cdk watch` find the local files of the function. */
function addAssetMetadata(resource: CfnResource, request: BundleRequest, property: string): void {
  if (!resource.node.tryGetContext(ASSET_RESOURCE_METADATA_ENABLED_CONTEXT)) return;
  resource.addMetadata(ASSET_RESOURCE_METADATA_PATH_KEY, Lazy.string({ produce: () => locate(request).path }));
  resource.addMetadata(ASSET_RESOURCE_METADATA_IS_BUNDLED_KEY, true);
  resource.addMetadata(ASSET_RESOURCE_METADATA_PROPERTY_KEY, property);
}
