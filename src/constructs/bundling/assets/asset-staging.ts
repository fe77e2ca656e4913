/** Puts a bundle into the cloud assembly and registers it with the stack's synthesizer. */
import { createHash, randomUUID } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { FileAssetPackaging, Names, Stack, Stage } from 'aws-cdk-lib/core';
import { DISABLE_ASSET_STAGING_CONTEXT } from 'aws-cdk-lib/cx-api';
import type { Construct } from 'constructs';
import { BundlingError } from '../bundling-error';
import { failureOf } from '../failures';
import { isWithin } from '../files/project-root';

/** A bundle as templates and tools refer to it. */
export interface StagedAsset {
  /** The asset hash. */
  readonly hash: string;
  /** Path of the directory, relative to the stage's cloud assembly. */
  readonly path: string;
  readonly bucketName: string;
  readonly objectKey: string;
}

/**
 * Absolute path of the directory that assets of a construct's stage are written to.
 *
 * The framework takes a relative one (the CLI passes `cdk.out`) from the working directory, esbuild from the project.
 */
export function assetOutdir(scope: Construct): string {
  const outdir = Stage.of(scope)?.assetOutdir;
  if (outdir) return path.resolve(outdir);
  throw new BundlingError(
    'NotBound',
    `'${scope.node.path}' must be inside an App or a Stage, which say where assets are written`,
  );
}

/** True when a directory of this hash is in the cloud assembly already. */
export function isStaged(scope: Construct, hash: string): boolean {
  return fs.existsSync(stagedPath(scope, hash));
}

/** Stages a directory under its hash, unless an equal one is there: `write` is given an empty directory to fill. */
export function stageDirectory(scope: Construct, hash: string, write: (dir: string) => void): StagedAsset {
  const target = stagedPath(scope, hash);
  if (!fs.existsSync(target)) {
    const temporary = path.join(assetOutdir(scope), `bundling-temp-${randomUUID()}`);
    writing(scope, () => {
      write(temporary);
      publish(temporary, target);
    });
  }
  return registerAsset(scope, hash, target);
}

/** An empty directory in the cloud assembly, so that what is built there needs no copying. */
export function makeScratch(scope: Construct): string {
  return writing(scope, () => fs.mkdtempSync(path.join(assetOutdir(scope), 'bundling-temp-')));
}

/** Errors of the file system name a place that nobody has heard of, and not what it is for. */
function writing<T>(scope: Construct, write: () => T): T {
  try {
    return write();
  } catch (cause) {
    const { failure } = failureOf(cause);
    throw new BundlingError(
      'OutputUnwritable',
      `the cloud assembly directory '${assetOutdir(scope)}' cannot be written to: ${failure}`,
      cause,
    );
  }
}

/** Registers a directory that is zipped when it is published. */
function registerAsset(scope: Construct, hash: string, dir: string): StagedAsset {
  const fileName = pathInAssembly(scope, dir);
  const location = Stack.of(scope).synthesizer.addFileAsset({
    packaging: FileAssetPackaging.ZIP_DIRECTORY,
    sourceHash: hash,
    fileName,
    deployTime: true,
    displayName: `${Names.stackRelativeConstructPath(scope)}/Code`,
  });
  return { hash, path: fileName, bucketName: location.bucketName, objectKey: location.objectKey };
}

/** The asset of a construct whose stack is not asked for: a hash that says nothing about what would be bundled. */
export function placeholder(scope: Construct, entry: string): StagedAsset {
  const hash = createHash('sha256').update(Names.uniqueId(scope)).digest('hex');
  return registerAsset(scope, hash, path.dirname(entry));
}

/** Another synth into the same directory may have been faster, with the same bytes. */
function publish(temporary: string, target: string): void {
  try {
    fs.renameSync(temporary, target);
  } catch (error) {
    if (!fs.existsSync(target)) throw error;
    fs.rmSync(temporary, { recursive: true, force: true });
  }
}

/** Absolute path of the directory of this hash in the cloud assembly. */
export function stagedPath(scope: Construct, hash: string): string {
  return path.join(assetOutdir(scope), `asset.${hash}`);
}

/** As the framework's own assets: absolute when staging is disabled, or for what lies outside. */
function pathInAssembly(scope: Construct, dir: string): string {
  const manifestDir = Stage.of(scope)?.outdir;
  const inside = isWithin(assetOutdir(scope), dir);
  const disabled = Boolean(scope.node.tryGetContext(DISABLE_ASSET_STAGING_CONTEXT));
  return manifestDir === undefined || !inside || disabled ? dir : path.relative(path.resolve(manifestDir), dir);
}
