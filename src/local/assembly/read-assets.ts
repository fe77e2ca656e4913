/** Reads an asset manifest: where each file asset lies on disk, and under which S3 key templates refer to it. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AssemblyError } from './assembly-error';

export interface FileAsset {
  /** The hash in its S3 key. */
  readonly hash: string;
  readonly displayName: string;
  /** Absolute path of the file or folder. */
  readonly path: string;
  /** `zip`: a folder that the CDK would zip; `file`: uploaded as it is. */
  readonly packaging: 'zip' | 'file';
  /** Keys under which it is published, with placeholders such as `${AWS::AccountId}` as they are. */
  readonly objectKeys: readonly string[];
}

interface AssetManifest {
  readonly files?: Readonly<
    Record<
      string,
      {
        readonly displayName?: string;
        readonly source: { readonly path?: string; readonly packaging?: string; readonly executable?: unknown };
        readonly destinations: Readonly<Record<string, { readonly objectKey: string }>>;
      }
    >
  >;
}

/** The file assets of one asset manifest. */
export function readAssets(directory: string, file: string): FileAsset[] {
  const manifest = JSON.parse(readFileSync(join(directory, file), 'utf8')) as AssetManifest;
  return Object.entries(manifest.files ?? {}).map(([hash, asset]) => {
    if (asset.source.path === undefined) {
      const what = `asset "${asset.displayName ?? hash}" is made by an external command at publishing time`;
      throw new AssemblyError(`${what}; the local target reads assets from disk, so let "cdk synth" stage it`);
    }
    return {
      hash,
      displayName: asset.displayName ?? hash,
      path: join(directory, asset.source.path),
      packaging: asset.source.packaging === 'zip' ? 'zip' : 'file',
      objectKeys: Object.values(asset.destinations).map(({ objectKey }) => objectKey),
    };
  });
}
