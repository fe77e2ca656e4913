/** The manifest of a cloud assembly: the members that are read here. Whatever else it holds may change from version to version. */

import { type JsonObject, ShapeCheck } from './json-file';

/** An artifact of the manifest, with the members read here. */
export interface Artifact {
  readonly type: string;
  readonly environment?: string;
  readonly dependencies?: readonly string[];
  readonly displayName?: string;
  readonly metadata?: Metadata;
  readonly additionalMetadataFile?: string;
  readonly properties?: JsonObject;
}

export interface Manifest {
  readonly artifacts?: Readonly<Record<string, Artifact>>;
  /** Values the app asked for that have to be looked up on AWS first. */
  readonly missing?: readonly { readonly key: string }[];
}

export type Metadata = Readonly<Record<string, readonly { readonly type: string; readonly data?: unknown }[]>>;

/** The manifest in `value`. @throws AssemblyError that names the place and what stands there */
export function checkManifest(value: unknown, where: string): Manifest {
  const check = new ShapeCheck(where);
  const manifest = check.object(value, 'the manifest');
  for (const missing of check.list(manifest['missing'] ?? [], 'missing')) {
    check.text(check.object(missing, 'an entry of missing')['key'], 'key of an entry of missing');
  }
  for (const [id, artifact] of check.members(manifest, 'artifacts')) {
    const entry = check.object(artifact, `artifact ${id}`);
    check.text(entry['type'], `type of artifact ${id}`);
    for (const name of ['environment', 'displayName', 'additionalMetadataFile']) {
      check.optional(entry[name], (text) => check.text(text, `${name} of artifact ${id}`));
    }
    for (const dependency of check.list(entry['dependencies'] ?? [], `dependencies of artifact ${id}`)) {
      check.text(dependency, `a dependency of artifact ${id}`);
    }
    check.optional(entry['properties'], (properties) => check.object(properties, `properties of artifact ${id}`));
    check.optional(entry['metadata'], (metadata) => checkMetadata(metadata, where));
  }
  return manifest as Manifest;
}

/** The metadata in `value`, from the manifest or from a file of its own. */
export function checkMetadata(value: unknown, where: string): Metadata {
  const check = new ShapeCheck(where);
  const metadata = check.object(value, 'metadata');
  for (const [path, entries] of Object.entries(metadata)) {
    for (const entry of check.list(entries, `metadata of ${path}`))
      check.object(entry, `an entry of metadata of ${path}`);
  }
  return metadata as Metadata;
}
