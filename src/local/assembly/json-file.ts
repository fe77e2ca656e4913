/** Reads a JSON file of a cloud assembly and checks its shape, with errors in words about the file. */

import { readFileSync } from 'node:fs';
import { AssemblyError, excerpt } from '../local-error';

/** What the file holds. @throws AssemblyError for a file that is unreadable or not JSON */
export function readJson(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new AssemblyError(`the cloud assembly refers to '${file}', which cannot be read; run 'cdk synth' again`, {
      cause: error,
    });
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new AssemblyError(`'${file}' is not JSON; templates and manifests must be as 'cdk synth' wrote them`, {
      cause: error,
    });
  }
}

export type JsonObject = Readonly<Record<string, unknown>>;

/** Reads values of unknown shape; each refusal is an AssemblyError that names the file, the place and what stands there. */
export class ShapeCheck {
  public constructor(private readonly where: string) {}

  public object(value: unknown, what: string): JsonObject {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject;
    return this.refuse(what, 'must be an object', value);
  }

  public list(value: unknown, what: string): readonly unknown[] {
    return Array.isArray(value) ? value : this.refuse(what, 'must be a list', value);
  }

  public text(value: unknown, what: string): string {
    return typeof value === 'string' ? value : this.refuse(what, 'must be text', value);
  }

  public optional(value: unknown, check: (value: unknown) => void): void {
    if (value !== undefined) check(value);
  }

  /** The members of a section, which may be absent. */
  public members(template: JsonObject, section: string): [string, unknown][] {
    return Object.entries(this.object(template[section] ?? {}, `section ${section}`));
  }

  public refuse(what: string, rule: string, value: unknown): never {
    throw new AssemblyError(`${this.where}: ${what} ${rule}, got ${excerpt(value)}`);
  }
}
