/** Whether JSON has the shape that is relied on, with errors in words about the file. */

import { AssemblyError } from './assembly-error';

export type JsonObject = Readonly<Record<string, unknown>>;

/** Reads values of unknown shape; each refusal is an AssemblyError that names the file, the place and what stands there. */
export class ShapeCheck {
  constructor(private readonly where: string) {}

  object(value: unknown, what: string): JsonObject {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject;
    return this.refuse(what, 'must be an object', value);
  }

  list(value: unknown, what: string): readonly unknown[] {
    return Array.isArray(value) ? value : this.refuse(what, 'must be a list', value);
  }

  text(value: unknown, what: string): string {
    return typeof value === 'string' ? value : this.refuse(what, 'must be text', value);
  }

  optional(value: unknown, check: (value: unknown) => void): void {
    if (value !== undefined) check(value);
  }

  /** The members of a section, which may be absent. */
  members(template: JsonObject, section: string): [string, unknown][] {
    return Object.entries(this.object(template[section] ?? {}, `section ${section}`));
  }

  refuse(what: string, rule: string, value: unknown): never {
    throw new AssemblyError(`${this.where}: ${what} ${rule}, got ${JSON.stringify(value)?.slice(0, 100) ?? 'nothing'}`);
  }
}
