import * as fs from 'node:fs';
import * as path from 'node:path';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { type CfnResource, FileAssetPackaging, FileSystem, Lazy, Names, Stack, Stage } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { BundlingError } from './private/bundling-error';
import { resolveEntry } from './private/entry-path';
import { loadEsbuild } from './private/load-esbuild';
import type { StreamingBundlingOptions } from './streaming-bundling-options';

/**
 * Lambda code bundled from a JavaScript or TypeScript entry file.
 *
 * The exported name `handler` of the entry is reached as `index.handler`.
 */
export class StreamingCode extends lambda.Code {
  /**
   * Code bundled from `entry` by esbuild.
   *
   * @param entry path of the entry file; relative paths are relative to the source file that makes this call
   * @param options how to bundle
   */
  public static fromEntry(entry: string, options?: StreamingBundlingOptions): StreamingCode {
    return new StreamingCode(resolveEntry(entry).file, options ?? {});
  }

  /** Always false: bundles are uploaded as assets. */
  public readonly isInline = false;

  private location?: { bucketName: string; objectKey: string };
  private scope?: Construct;

  private constructor(
    /** Absolute path of the entry file. */
    public readonly entry: string,
    private readonly options: StreamingBundlingOptions,
  ) {
    super();
  }

  /** Called by the function or layer that uses this code. */
  public bind(scope: Construct): lambda.CodeConfig {
    this.scope = scope;
    return {
      s3Location: {
        bucketName: Lazy.string({ produce: () => this.stage().bucketName }),
        objectKey: Lazy.string({ produce: () => this.stage().objectKey }),
      },
    };
  }

  /** Called by the function or layer once its CloudFormation resource exists. */
  public bindToResource(_resource: CfnResource, _options?: lambda.ResourceBindOptions): void {}

  private stage(): { bucketName: string; objectKey: string } {
    this.location ??= this.bundle();
    return this.location;
  }

  private bundle(): { bucketName: string; objectKey: string } {
    const scope = this.scope;
    if (!scope) throw new BundlingError('bind() must be called before the code is resolved');
    const outdir = Stage.of(scope)?.assetOutdir ?? 'cdk.out';
    const projectRoot = this.options.projectRoot ?? process.cwd();
    const temp = path.join(outdir, `bundling-temp-${Names.uniqueId(scope)}`);
    loadEsbuild(projectRoot).buildSync({
      entryPoints: [this.entry],
      outfile: path.join(temp, 'index.js'),
      absWorkingDir: projectRoot,
      bundle: true,
      platform: 'node',
      target: 'node20',
      external: ['@aws-sdk/*', '@smithy/*'],
    });
    const hash = FileSystem.fingerprint(temp);
    const staged = path.join(outdir, `asset.${hash}`);
    if (fs.existsSync(staged)) fs.rmSync(temp, { recursive: true });
    else fs.renameSync(temp, staged);
    const manifestDir = Stage.of(scope)?.outdir ?? outdir;
    return Stack.of(scope).synthesizer.addFileAsset({
      packaging: FileAssetPackaging.ZIP_DIRECTORY,
      sourceHash: hash,
      fileName: path.relative(manifestDir, staged),
      deployTime: true,
      displayName: Names.stackRelativeConstructPath(scope),
    });
  }
}
