/**
 * Reads a cloud assembly (`cdk.out`): its stacks, nested assemblies included, in the order they must be deployed.
 * https://github.com/aws/aws-cdk-cli/tree/main/packages/%40aws-cdk/cloud-assembly-schema
 */

import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { AssemblyError } from './assembly-error';
import { checkTemplate } from './check-template';
import { type FileAsset, readAssets } from './read-assets';
import type { Template } from './template';

/** The newest layout this reader was tested with; later ones are read as long as they keep the parts it needs. */
export const TESTED_SCHEMA_VERSION = 55;

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
  /** Values given to template parameters at synth. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Ids of the stacks that must be deployed before. */
  readonly dependencies: readonly string[];
  readonly assets: readonly FileAsset[];
  /** Construct path by logical id. */
  readonly constructPaths: ReadonlyMap<string, string>;
}

export interface CloudAssembly {
  /** Absolute. */
  readonly directory: string;
  /** In deployment order. */
  readonly stacks: readonly AssemblyStack[];
}

/** An artifact of the manifest, with the members read here. */
interface Artifact {
  readonly type: string;
  readonly environment?: string;
  readonly dependencies?: readonly string[];
  readonly displayName?: string;
  readonly metadata?: Metadata;
  readonly additionalMetadataFile?: string;
  readonly properties?: Readonly<Record<string, unknown>>;
}

interface Manifest {
  readonly version?: string;
  readonly artifacts?: Record<string, Artifact>;
  /** Values the app asked for that have to be looked up on AWS first. */
  readonly missing?: readonly { readonly key: string }[];
}

type Metadata = Readonly<Record<string, readonly { readonly type: string; readonly data?: unknown }[]>>;

/** Reads the cloud assembly in `directory`. Throws an AssemblyError that names what is missing or malformed. */
export function readAssembly(directory: string): CloudAssembly {
  const root = resolve(directory);
  return { directory: root, stacks: inDeploymentOrder(readStacks(root)) };
}

function readStacks(directory: string): AssemblyStack[] {
  const manifestFile = join(directory, 'manifest.json');
  if (!existsSync(manifestFile)) {
    throw new AssemblyError(`"${directory}" is not a cloud assembly: it has no manifest.json; run "cdk synth" first`);
  }
  const manifest = readJson<Manifest>(manifestFile);
  requireContext(directory, manifest);
  const artifacts = manifest.artifacts ?? {};
  try {
    return Object.entries(artifacts).flatMap(([id, artifact]) => {
      if (artifact.type === 'cdk:cloud-assembly') return readStacks(join(directory, nestedDirectory(artifact)));
      return artifact.type === 'aws:cloudformation:stack' ? [readStack(directory, id, artifact, artifacts)] : [];
    });
  } catch (error) {
    const major = Number.parseInt(manifest.version ?? '', 10);
    if (!(major > TESTED_SCHEMA_VERSION)) throw error;
    const hint = `its schema version ${manifest.version} is newer than ${TESTED_SCHEMA_VERSION}, the newest one known here; update cdk-lambda-streaming`;
    throw new AssemblyError(`cannot read the cloud assembly in "${directory}": ${hint}`, { cause: error });
  }
}

/** Templates with placeholders for looked-up values would deploy something else. */
function requireContext(directory: string, { missing = [] }: Manifest): void {
  if (missing.length === 0) return;
  const keys = missing.map(({ key }) => `\n  ${key}`).join('');
  const advice = 'run "cdk synth" once with access to AWS and keep cdk.context.json';
  throw new AssemblyError(`the cloud assembly in "${directory}" lacks context values; ${advice}; missing are:${keys}`);
}

function nestedDirectory(artifact: Artifact): string {
  return requireText(artifact.properties?.['directoryName'], 'directoryName of a nested assembly');
}

function readStack(directory: string, id: string, artifact: Artifact, all: Record<string, Artifact>): AssemblyStack {
  const properties = artifact.properties ?? {};
  const templateFile = requireText(properties['templateFile'], `templateFile of stack "${id}"`);
  const template = checkTemplate(readJson(join(directory, templateFile)), `template of stack "${id}"`);
  const dependencies = (artifact.dependencies ?? []).filter((name) => all[name]?.type !== 'cdk:asset-manifest');
  const assetManifests = Object.entries(all).filter(
    ([name, other]) => other.type === 'cdk:asset-manifest' && (artifact.dependencies ?? []).includes(name),
  );
  return {
    id,
    stackName: typeof properties['stackName'] === 'string' ? properties['stackName'] : id,
    displayName: artifact.displayName ?? id,
    ...readEnvironment(id, artifact.environment),
    template,
    parameters: (properties['parameters'] ?? {}) as Record<string, string>,
    dependencies,
    assets: assetManifests.flatMap(([name, manifest]) =>
      readAssets(directory, requireText(manifest.properties?.['file'], `file of asset manifest "${name}"`)),
    ),
    constructPaths: readConstructPaths(directory, artifact, template),
  };
}

/** `aws://111111111111/eu-west-1`; unknown parts are undefined. */
function readEnvironment(id: string, environment = ''): { account: string | undefined; region: string | undefined } {
  const [, account, region] = /^aws:\/\/([^/]+)\/([^/]+)$/.exec(environment) ?? [];
  if (!account || !region) throw new AssemblyError(`stack "${id}" has no environment such as aws://<account>/<region>`);
  return {
    account: account === 'unknown-account' ? undefined : account,
    region: region === 'unknown-region' ? undefined : region,
  };
}

/** From the resource's own metadata, from the manifest, or from the file that newer assemblies keep it in. */
function readConstructPaths(directory: string, artifact: Artifact, template: Template): Map<string, string> {
  const paths = new Map<string, string>();
  const file = artifact.additionalMetadataFile;
  const metadata = { ...(file ? readJson<Metadata>(join(directory, file)) : {}), ...artifact.metadata };
  for (const [path, entries] of Object.entries(metadata)) {
    for (const entry of entries) {
      if (entry.type === 'aws:cdk:logicalId' && typeof entry.data === 'string') paths.set(entry.data, path.slice(1));
    }
  }
  for (const [logicalId, resource] of Object.entries(template.Resources ?? {})) {
    const path = resource.Metadata?.['aws:cdk:path'];
    if (typeof path === 'string') paths.set(logicalId, path);
  }
  return paths;
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

function readJson<T>(file: string): T {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new AssemblyError(`the cloud assembly refers to "${file}", which cannot be read; run "cdk synth" again`, {
      cause: error,
    });
  }
  try {
    return JSON.parse(text) as T;
  } catch (error) {
    throw new AssemblyError(`"${file}" is not JSON; templates and manifests must be as "cdk synth" wrote them`, {
      cause: error,
    });
  }
}

function requireText(value: unknown, what: string): string {
  if (typeof value !== 'string') throw new AssemblyError(`the cloud assembly lacks the ${what}`);
  return value;
}
