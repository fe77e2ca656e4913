/** Collects what a deployment finds that does not stop it, and says it calmly. */
import { synthWarnings } from '../assembly/annotations';
import { type AssemblyStack, withNested } from '../assembly/read-assembly';
import type { ProviderFinder } from '../resources/registry';
import type { Deployment } from './deployment';
import { type IdleResource, idleWarnings } from './idle-resources';
import type { Findings } from './resource-contexts';

export class FindingList implements Findings {
  private readonly warnings: string[] = [];
  private readonly idle: IdleResource[] = [];

  public readonly warn = (text: string): void => void this.warnings.push(text);
  public readonly doesNothing = (resource: IdleResource): void => void this.idle.push(resource);

  /** @param tell whether to warn of types that are not played; whoever has named them knows */
  public of(stacks: readonly AssemblyStack[], findProvider: ProviderFinder, tell: boolean): Omit<Deployment, 'stacks'> {
    const types = stacks
      .flatMap(withNested)
      .flatMap(({ template }) => Object.values(template.Resources ?? {}).map(({ Type }) => Type));
    const inert = types.filter((type) => findProvider(type)?.inert);
    const idle = idleWarnings(tell ? inert : [], this.idle);
    const doingNothing = [...inert, ...this.idle.map(({ type }) => type)].sort();
    const warnings = [...synthWarnings(stacks), ...this.warnings, ...idle];
    return { warnings, inertTypes: [...new Set(doingNothing)] };
  }
}
