/** Reads an asset manifest: where each file asset lies on disk, and under which S3 key templates refer to it. */

import { join, resolve } from 'node:path';
import { AssemblyError } from '../local-error';
import { readJson, ShapeCheck } from './json-file';

export interface FileAsset {
  /** The hash in its S3 key. */
  readonly hash: string;
  readonly displayName: string;
  /** Absolute path of the file or folder. */
  readonly path: string;
  /** The folder that it is a newer version of; undefined of what a synth has made. */
  readonly origin?: string;
  /** `zip`: a folder that the CDK would zip; `file`: uploaded as it is. */
  readonly packaging: 'zip' | 'file';
  /** Keys under which it is published, with placeholders such as `${AWS::AccountId}` as they are. */
  readonly objectKeys: readonly string[];
}

/** A container image that is built when it is published. */
export interface ImageAsset {
  readonly tag: string;
  /** Absolute path of the folder it is built from; undefined for one that a command gives. */
  readonly directory: string | undefined;
  readonly dockerfile: string | undefined;
}

/** The images of one asset manifest. */
export function readImages(directory: string, file: string): ImageAsset[] {
  const check = new ShapeCheck(`'${join(directory, file)}'`);
  const manifest = check.object(readJson(join(directory, file)), 'the asset manifest');
  return check.members(manifest, 'dockerImages').flatMap(([hash, asset]) => {
    const entry = check.object(asset, `image ${hash}`);
    const { directory: folder, dockerFile } = check.object(entry['source'], `source of image ${hash}`);
    const destinations = Object.values(check.object(entry['destinations'], `destinations of image ${hash}`));
    return destinations.map((destination) => ({
      tag: check.text(check.object(destination, `a destination of image ${hash}`)['imageTag'], `imageTag of ${hash}`),
      directory: typeof folder === 'string' ? join(directory, folder) : undefined,
      dockerfile: typeof dockerFile === 'string' ? dockerFile : undefined,
    }));
  });
}

/** The file assets of one asset manifest. */
export function readAssets(directory: string, file: string): FileAsset[] {
  const check = new ShapeCheck(`'${join(directory, file)}'`);
  const manifest = check.object(readJson(join(directory, file)), 'the asset manifest');
  return check.members(manifest, 'files').map(([hash, asset]) => {
    const entry = check.object(asset, `file ${hash}`);
    const source = check.object(entry['source'], `source of file ${hash}`);
    const displayName = typeof entry['displayName'] === 'string' ? entry['displayName'] : hash;
    if (source['path'] === undefined) {
      const what = `asset '${displayName}' is made by an external command at publishing time`;
      throw new AssemblyError(`${what}; the local target reads assets from disk, so let 'cdk synth' stage it`);
    }
    const destinations = Object.values(check.object(entry['destinations'], `destinations of file ${hash}`));
    return {
      hash,
      displayName,
      // Absolute where staging is disabled.
      path: resolve(directory, check.text(source['path'], `path of file ${hash}`)),
      ...(typeof source['origin'] === 'string' && { origin: source['origin'] }),
      packaging: source['packaging'] === 'zip' ? 'zip' : 'file',
      objectKeys: destinations.map((destination) =>
        check.text(
          check.object(destination, `a destination of file ${hash}`)['objectKey'],
          `objectKey of file ${hash}`,
        ),
      ),
    };
  });
}
