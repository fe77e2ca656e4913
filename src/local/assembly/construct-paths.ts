/**
 * Construct paths of one stack by logical id. The metadata of an artifact holds those of its nested stacks too, whose
 * logical ids may be the same; the path of the nested stack tells them apart.
 */

import type { Metadata } from './manifest';
import type { Template } from './template';

/** A resource and where its construct is: `Stack/Chat/Resource`. */
interface PathEntry {
  readonly path: string;
  readonly logicalId: string;
}

/** The resource the CDK makes for the nested stack at `Stack/Nested`. */
const NESTED_STACK_RESOURCE = /^(.+)\.NestedStack\/[^/]+\.NestedStackResource$/;

export class ConstructPaths {
  private constructor(
    private readonly entries: readonly PathEntry[],
    /** Paths of nested stacks within this one. */
    private readonly nestedStacks: readonly string[],
  ) {}

  public static of(metadata: Metadata): ConstructPaths {
    const entries = Object.entries(metadata).flatMap(([path, values]) =>
      values.flatMap(({ type, data }) =>
        type === 'aws:cdk:logicalId' && typeof data === 'string' ? [{ path: path.slice(1), logicalId: data }] : [],
      ),
    );
    return ConstructPaths.from(entries);
  }

  private static from(entries: readonly PathEntry[]): ConstructPaths {
    const nested = entries.flatMap(({ path }) => NESTED_STACK_RESOURCE.exec(path)?.[1] ?? []);
    return new ConstructPaths(entries, nested);
  }

  /** By logical id; what the template itself says counts more. */
  public inTemplate(template: Template): Map<string, string> {
    const own = this.entries.filter(({ path }) => !this.nestedStacks.some((stack) => path.startsWith(`${stack}/`)));
    const paths = new Map(own.map(({ path, logicalId }) => [logicalId, path]));
    for (const [logicalId, resource] of Object.entries(template.Resources ?? {})) {
      const path = resource.Metadata?.['aws:cdk:path'];
      if (typeof path === 'string') paths.set(logicalId, path);
    }
    return paths;
  }

  /** Those of the nested stack whose resource has the path `resourcePath`. */
  public inNestedStack(resourcePath: string | undefined): ConstructPaths {
    const [, stack] = NESTED_STACK_RESOURCE.exec(resourcePath ?? '') ?? [];
    return ConstructPaths.from(
      stack === undefined ? [] : this.entries.filter(({ path }) => path.startsWith(`${stack}/`)),
    );
  }
}
