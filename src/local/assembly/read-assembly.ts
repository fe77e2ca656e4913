/**
 * Reads a cloud assembly (`cdk.out`): its stacks, nested assemblies included, in the order they must be deployed.
 * https://github.com/aws/aws-cdk-cli/tree/main/packages/%40aws-cdk/cloud-assembly-schema
 */

import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { AssemblyError } from '../local-error';
import { type Annotation, annotationsIn } from './annotations';
import { ConstructPaths } from './construct-paths';
import { readJson, ShapeCheck } from './json-file';
import { type Artifact, checkManifest, checkMetadata, type Metadata } from './manifest';
import { nestedTemplates } from './nested-templates';
import { type FileAsset, type ImageAsset, readAssets, readImages } from './read-assets';
import { checkTemplate, type Template } from './template';

/** The newest layout this reader was tested with; later ones are read as long as they keep the parts it needs. */
const TESTED_SCHEMA_VERSION = 55;

export interface AssemblyStack {
  /** Id in the manifest; unique in the assembly. */
  readonly id: string;
  readonly stackName: string;
  /** The name `cdk deploy` takes: the construct path, for example `Prod/Api`. */
  readonly displayName: string;
  /** Twelve digits, or undefined for an environment-agnostic stack. */
  readonly account: string | undefined;
  readonly region: string | undefined;
  readonly template: Template;
  /** Size of the template as it is submitted. */
  readonly templateBytes: number;
  /** Values given to template parameters at synth. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Ids of the stacks that must be deployed before. */
  readonly dependencies: readonly string[];
  readonly assets: readonly FileAsset[];
  /** Container images that are built when they are published. @default - none */
  readonly images?: readonly ImageAsset[];
  /** Construct path by logical id. */
  readonly constructPaths: ReadonlyMap<string, string>;
  /** What constructs had to say at synth. */
  readonly annotations: readonly Annotation[];
  /** The nested stacks of its template by logical id; each gets its name when it is deployed. */
  readonly nested: ReadonlyMap<string, AssemblyStack>;
}

export interface CloudAssembly {
  /** Absolute. */
  readonly directory: string;
  /** In deployment order. */
  readonly stacks: readonly AssemblyStack[];
  /** Keys of values that have to be looked up on AWS: the CDK has put something in their place. */
  readonly missingContext: readonly string[];
}

/** Reads the cloud assembly in `directory`. @throws AssemblyError that names what is missing or malformed */
export function readAssembly(directory: string): CloudAssembly {
  const root = resolve(directory);
  const missing = new Set<string>();
  return { directory: root, stacks: inDeploymentOrder(readStacks(root, missing)), missingContext: [...missing] };
}

/** A stack and all stacks nested in it, the outer ones first. */
export function withNested(stack: AssemblyStack): readonly AssemblyStack[] {
  return [stack, ...[...stack.nested.values()].flatMap(withNested)];
}

/** @param missing gets the keys of context values that are not there */
function readStacks(directory: string, missing: Set<string>): AssemblyStack[] {
  const manifestFile = join(directory, 'manifest.json');
  if (!existsSync(manifestFile)) {
    throw new AssemblyError(`'${directory}' is not a cloud assembly: it has no manifest.json; run 'cdk synth' first`);
  }
  const content = readJson(manifestFile);
  try {
    const manifest = checkManifest(content, `'${manifestFile}'`);
    for (const { key } of manifest.missing ?? []) missing.add(key);
    const artifacts = manifest.artifacts ?? {};
    return Object.entries(artifacts).flatMap(([id, artifact]) => {
      if (artifact.type === 'cdk:cloud-assembly')
        return readStacks(join(directory, nestedDirectory(artifact)), missing);
      return artifact.type === 'aws:cloudformation:stack' ? [readStack(directory, id, artifact, artifacts)] : [];
    });
  } catch (error) {
    const { version } = (content ?? {}) as { readonly version?: unknown };
    if (!(Number.parseInt(String(version), 10) > TESTED_SCHEMA_VERSION)) throw error;
    const hint = `its schema version ${String(version)} is newer than ${TESTED_SCHEMA_VERSION}, the newest one known here; update cdk-lambda-streaming`;
    throw new AssemblyError(`cannot read the cloud assembly in '${directory}': ${hint}`, { cause: error });
  }
}

function nestedDirectory(artifact: Artifact): string {
  return requireText(artifact.properties?.['directoryName'], 'directoryName of a nested assembly');
}

function readStack(
  directory: string,
  id: string,
  artifact: Artifact,
  all: Readonly<Record<string, Artifact>>,
): AssemblyStack {
  const properties = artifact.properties ?? {};
  const templateFile = join(directory, requireText(properties['templateFile'], `templateFile of stack '${id}'`));
  const metadata = readMetadata(directory, artifact);
  const dependencies = (artifact.dependencies ?? []).filter((name) => all[name]?.type !== 'cdk:asset-manifest');
  const assetManifests = Object.entries(all).filter(
    ([name, other]) => other.type === 'cdk:asset-manifest' && (artifact.dependencies ?? []).includes(name),
  );
  const manifests = assetManifests.map(([name, manifest]) =>
    requireText(manifest.properties?.['file'], `file of asset manifest '${name}'`),
  );
  const stack = {
    id,
    stackName: typeof properties['stackName'] === 'string' ? properties['stackName'] : id,
    displayName: artifact.displayName ?? id,
    ...readEnvironment(id, artifact.environment),
    parameters: readParameters(id, properties['parameters']),
    dependencies,
    assets: manifests.flatMap((file) => readAssets(directory, file)),
    images: manifests.flatMap((file) => readImages(directory, file)),
    annotations: annotationsIn(metadata),
  };
  return withTemplate(stack, [templateFile], ConstructPaths.of(metadata));
}

/** @param files the template and, after it, those it is nested in */
function withTemplate(
  stack: Omit<AssemblyStack, 'template' | 'templateBytes' | 'constructPaths' | 'nested'>,
  files: readonly [string, ...string[]],
  paths: ConstructPaths,
): AssemblyStack {
  const template = checkTemplate(readJson(files[0]), `template of stack '${stack.id}'`);
  const constructPaths = paths.inTemplate(template);
  const nested = nestedTemplates(template, stack.assets, files).map(({ logicalId, file }) => {
    const [id, displayName] = [`${stack.id}/${logicalId}`, `${stack.displayName}/${logicalId}`];
    const inner = { ...stack, id, displayName, parameters: {}, dependencies: [], annotations: [] };
    const read = withTemplate(inner, [file, ...files], paths.inNestedStack(constructPaths.get(logicalId)));
    return [logicalId, read] as const;
  });
  return { ...stack, template, templateBytes: statSync(files[0]).size, constructPaths, nested: new Map(nested) };
}

function readParameters(id: string, parameters: unknown = {}): Readonly<Record<string, string>> {
  const given = new ShapeCheck(`stack '${id}'`).object(parameters, 'parameters');
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [name, String(value)]));
}

/** `aws://111111111111/eu-west-1`; unknown parts are undefined. */
function readEnvironment(id: string, environment = ''): { account: string | undefined; region: string | undefined } {
  const [, account, region] = /^aws:\/\/([^/]+)\/([^/]+)$/.exec(environment) ?? [];
  if (!account || !region) throw new AssemblyError(`stack '${id}' has no environment such as aws://<account>/<region>`);
  return {
    account: account === 'unknown-account' ? undefined : account,
    region: region === 'unknown-region' ? undefined : region,
  };
}

/** From the manifest, or from the file that newer assemblies keep it in. */
function readMetadata(directory: string, { additionalMetadataFile: file, metadata }: Artifact): Metadata {
  const separate = file ? checkMetadata(readJson(join(directory, file)), `'${file}'`) : {};
  return { ...separate, ...metadata };
}

/** Dependencies first; otherwise in the order of the manifest. */
function inDeploymentOrder(stacks: readonly AssemblyStack[]): AssemblyStack[] {
  const byId = new Map(stacks.map((stack) => [stack.id, stack]));
  const ordered = new Set<AssemblyStack>();
  const visit = (stack: AssemblyStack, path: readonly string[]) => {
    if (path.includes(stack.id)) {
      throw new AssemblyError(`stacks depend on each other: ${[...path, stack.id].join(' → ')}`);
    }
    for (const id of stack.dependencies) {
      const dependency = byId.get(id);
      if (dependency && !ordered.has(dependency)) visit(dependency, [...path, stack.id]);
    }
    ordered.add(stack);
  };
  for (const stack of stacks) visit(stack, []);
  return [...ordered];
}

function requireText(value: unknown, what: string): string {
  if (typeof value !== 'string') throw new AssemblyError(`the cloud assembly lacks the ${what}`);
  return value;
}
