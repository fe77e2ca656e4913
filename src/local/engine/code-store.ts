/** Gives each function's `Code` a folder on disk: the staged asset itself, or a temporary folder for inline code. */

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FileAsset } from '../assembly/read-assets';
import type { Properties } from '../resources/properties';
import { unzip } from './unzip';

/** What placeholders in asset keys stand for. */
export interface AssetEnvironment {
  readonly account: string;
  readonly region: string;
  readonly partition: string;
}

export class CodeStore {
  private temporary: string | undefined;

  /** The folder `code` stands for. Throws when it is in no asset of the stack or does not lie on disk. */
  locate(code: Properties, assets: readonly FileAsset[], environment: AssetEnvironment): string {
    if (code.has('ImageUri')) code.refuse('ImageUri', 'cannot run: the local target runs no container images');
    const inline = code.optionalText('ZipFile', { max: 4_194_304 });
    if (inline !== undefined) return this.inlineFolder(inline);
    const key = code.text('S3Key');
    const asset = assets.find(({ objectKeys }) => objectKeys.some((pattern) => fill(pattern, environment) === key));
    if (!asset) {
      code.refuse('S3Key', 'must be an asset of the cloud assembly: the local target has no other S3 objects');
    }
    return this.assetFolder(asset);
  }

  /** Removes temporary folders. */
  clear(): void {
    if (this.temporary !== undefined) rmSync(this.temporary, { recursive: true, force: true });
    this.temporary = undefined;
  }

  private assetFolder({ path, packaging, displayName, hash }: FileAsset): string {
    const what = `asset "${displayName}"`;
    if (!existsSync(path)) {
      throw new Error(`${what} is missing: "${path}" does not exist; run "cdk synth" again`);
    }
    if (packaging === 'zip' && statSync(path).isDirectory()) return path;
    if (!/\.(zip|jar)$/.test(path)) throw new Error(`${what} is neither a folder nor a zip file: "${path}"`);
    return this.once(hash, (folder) => unzip(path, folder));
  }

  private inlineFolder(source: string): string {
    const hash = createHash('sha256').update(source).digest('hex');
    return this.once(hash, (folder) => writeFileSync(join(folder, 'index.js'), source));
  }

  /** A temporary folder of a given content; filled the first time. */
  private once(hash: string, fill: (folder: string) => void): string {
    this.temporary ??= mkdtempSync(join(tmpdir(), 'lambda-code-'));
    const folder = join(this.temporary, hash.slice(0, 32));
    if (existsSync(folder)) return folder;
    mkdirSync(folder);
    try {
      fill(folder);
    } catch (error) {
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
    return folder;
  }
}

function fill(key: string, { account, region, partition }: AssetEnvironment): string {
  const values: Readonly<Record<string, string>> = { AccountId: account, Region: region, Partition: partition };
  return key.replace(/\$\{AWS::(\w+)\}/g, (placeholder, name: string) => values[name] ?? placeholder);
}
