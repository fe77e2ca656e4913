/** Gives each function's `Code` a folder on disk: a copy of the staged asset, an unpacked zip file, or inline code. */

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { FileAsset } from '../assembly/read-assets';
import type { Properties } from '../resources/properties';
import type { LocalState } from '../state';
import { inlineFiles } from './inline-code';
import { TaskRoots } from './task-root';
import { unzip, unzipBytes } from './unzip';

/** What placeholders in asset keys stand for. */
export interface AssetEnvironment {
  readonly account: string;
  readonly region: string;
  readonly partition: string;
  /** @throws where the stack may not read the object */
  requireRead(bucket: string, key: string): void;
}

export class CodeStore {
  private readonly roots: TaskRoots;

  /**
   * @param onFolder told the temporary folder that holds the code
   * @param fileOf gives the file of an object in a bucket, where there is one
   */
  public constructor(
    onFolder?: (folder: string) => void,
    private readonly fileOf: (bucket: string, key: string) => string | undefined = () => undefined,
  ) {
    this.roots = new TaskRoots(onFolder);
  }

  /** Gives code that is there already the packages of the AWS SDK that were installed since; says whether there are any. */
  public refreshPackages(): boolean {
    return this.roots.refreshPackages();
  }

  /**
   * The folder `code` stands for. Throws when it is in no asset of the stack, does not lie on disk or should be a bundle and
   * is not.
   * @param isBundled whether the assembly says that the code was made by bundling
   */
  public locate(
    code: Properties,
    assets: readonly FileAsset[],
    environment: AssetEnvironment,
    isBundled = false,
  ): string {
    if (code.has('ImageUri')) code.refuse('ImageUri', 'must go with PackageType Image');
    const inline = code.optionalText('ZipFile', { max: 4_194_304 });
    if (inline !== undefined) return this.inlineFolder(inline);
    const key = code.text('S3Key');
    const asset = findAsset(key, assets, environment);
    if (asset) {
      if (isBundled) requireBundle(asset);
      return this.assetFolder(asset);
    }
    environment.requireRead(code.text('S3Bucket'), key);
    return this.objectFolder(code.text('S3Bucket'), key) ?? refuseKey(code);
  }

  /** The zip file `code` stands for. Throws when there is none. */
  public archive(code: Properties, assets: readonly FileAsset[], environment: AssetEnvironment): Buffer {
    const key = code.text('S3Key');
    const asset = findAsset(key, assets, environment);
    if (asset === undefined) environment.requireRead(code.text('S3Bucket'), key);
    const file = asset?.path ?? this.fileOf(code.text('S3Bucket'), key) ?? refuseKey(code);
    if (!statSync(file).isDirectory()) return readFileSync(file);
    throw new Error(`the folder '${file}' is zipped when it is published only; let the asset be a zip file`);
  }

  /** The folder an object that is a zip file stands for; undefined where there is no such object. */
  public objectFolder(bucket: string, key: string): string | undefined {
    const file = this.fileOf(bucket, key);
    return file === undefined ? undefined : this.archiveFolder(readFileSync(file), `${bucket}/${key}`);
  }

  /** The folder a zip file stands for. @param name for messages */
  public archiveFolder(zip: Buffer, name: string): string {
    const hash = createHash('sha256').update(zip).digest('hex');
    return this.roots.once(hash, undefined, (root) => unzipBytes(zip, name, root));
  }

  /** A folder for what will not run: unpacking a large layer takes seconds. */
  public nothing(): string {
    return this.inlineFolder('');
  }

  /** Removes folders that nobody uses any more; see {@link TaskRoots.removeUnused}. */
  public removeUnused(...used: Parameters<TaskRoots['removeUnused']>): void {
    this.roots.removeUnused(...used);
  }

  /** Removes temporary folders. */
  public clear(): void {
    this.roots.clear();
  }

  private assetFolder({ path, packaging, displayName, hash, origin }: FileAsset): string {
    const what = `asset '${displayName}'`;
    if (!existsSync(path)) {
      throw new Error(`${what} is missing: '${path}' does not exist; run 'cdk synth' again`);
    }
    if (packaging === 'zip' && statSync(path).isDirectory()) return this.roots.copyOf(path, origin);
    if (!/\.(zip|jar)$/.test(path)) throw new Error(`${what} is neither a folder nor a zip file: '${path}'`);
    return this.roots.once(hash, path, (root) => unzip(path, root));
  }

  private inlineFolder(source: string): string {
    const hash = createHash('sha256').update(source).digest('hex');
    return this.roots.once(hash, undefined, (root) => {
      for (const [path, content] of Object.entries(inlineFiles(source))) {
        mkdirSync(dirname(join(root, path)), { recursive: true });
        writeFileSync(join(root, path), content);
      }
    });
  }
}

function findAsset(key: string, assets: readonly FileAsset[], environment: AssetEnvironment): FileAsset | undefined {
  return assets.find(({ objectKeys }) => objectKeys.some((pattern) => fill(pattern, environment) === key));
}

/**
 * Stacks that a synth was not made for have an asset, too: their sources, as nothing was bundled. Bundles lie in the assembly,
 * where `AssetStaging` of aws-cdk-lib gives their names.
 */
function requireBundle({ path, displayName }: FileAsset): void {
  if (/^(?:asset\.|bundling-temp-)/.test(basename(path))) return;
  throw new Error(
    `asset '${displayName}' was not bundled, as 'cdk synth' was told to make other stacks only; ` +
      'synthesize this one, too, or deploy only those that were asked for then',
  );
}

function refuseKey(code: Properties): never {
  return code.refuse('S3Key', 'must be an asset of the cloud assembly, or an object in a bucket of the local target');
}

function fill(key: string, { account, region, partition }: AssetEnvironment): string {
  const values: Readonly<Record<string, string>> = { AccountId: account, Region: region, Partition: partition };
  return key.replace(/\$\{AWS::(\w+)\}/g, (placeholder, name: string) => values[name] ?? placeholder);
}

/** Those that the functions, versions and layers of a state are run from. */
export function codeFolders({ functions, layers }: LocalState): ReadonlySet<string> {
  const configurations = [...functions.values()].flatMap(({ versions }) => [...versions.values()]);
  return new Set([
    ...configurations.flatMap(({ codeDirectory, layerDirectories = [] }) => [codeDirectory, ...layerDirectories]),
    ...[...layers.values()].flatMap(({ versions }) => [...versions.values()]),
  ]);
}
