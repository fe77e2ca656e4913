/** Typed reading of resolved resource properties, with errors that name the property, the value and what is allowed. */

import { isObject } from '../../base/is-object';
import { type PolicyUse, policyProblem } from '../iam/policy-problem';
import { excerpt } from '../local-error';
import type { PolicyDocument } from '../state';

/** A property is missing or has a value that AWS would not take; recognised by its name. */
class PropertyError extends Error {
  public override readonly name = 'PropertyError';
}

/** Bounds of a number or of the length of a text. */
export interface Bounds {
  readonly min?: number;
  readonly max?: number;
}

export class Properties {
  public constructor(
    public readonly values: Readonly<Record<string, unknown>>,
    /** Where in the resource these are, for messages: `Code.`. */
    private readonly prefix = '',
  ) {}

  public has(name: string): boolean {
    return this.values[name] !== undefined;
  }

  public text(name: string, length: Bounds = {}): string {
    return this.optionalText(name, length) ?? this.missing(name);
  }

  public optionalText(name: string, length: Bounds = {}): string | undefined {
    const value = this.values[name];
    if (value === undefined) return undefined;
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') {
      return this.refuse(name, 'must be text');
    }
    const text = String(value);
    if (text.length < (length.min ?? 0) || text.length > (length.max ?? Number.POSITIVE_INFINITY)) {
      this.refuse(name, `must have ${range(length)} characters and has ${text.length}`);
    }
    return text;
  }

  /** One of `allowed`. */
  public optionalChoice<T extends string>(name: string, allowed: readonly T[]): T | undefined {
    const text = this.optionalText(name);
    const choice = allowed.find((value) => value === text);
    if (text !== undefined && choice === undefined) this.refuse(name, `must be one of ${allowed.join(', ')}`);
    return choice;
  }

  /** A number, or a text that is one, as CloudFormation takes it. */
  public optionalInteger(name: string, bounds: Bounds = {}): number | undefined {
    const value = this.values[name];
    if (value === undefined) return undefined;
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    if (typeof number !== 'number' || !Number.isInteger(number)) return this.refuse(name, 'must be a whole number');
    if (number < (bounds.min ?? number) || number > (bounds.max ?? number)) {
      this.refuse(name, `must be ${range(bounds)}`);
    }
    return number;
  }

  public list(name: string): readonly unknown[] {
    const value = this.values[name];
    if (value === undefined) return [];
    return Array.isArray(value) ? value : this.refuse(name, 'must be a list');
  }

  /** The items of a list of objects. */
  public items(name: string): readonly Properties[] {
    return this.list(name).map((item, i) =>
      isObject(item) ? new Properties(item, `${this.prefix}${name}[${i}].`) : this.refuse(name, 'must hold objects'),
    );
  }

  public texts(name: string): readonly string[] {
    return this.list(name).map((item) => (typeof item === 'string' ? item : this.refuse(name, 'must hold texts')));
  }

  public object(name: string): Properties {
    return this.optionalObject(name) ?? this.missing(name);
  }

  public optionalObject(name: string): Properties | undefined {
    const value = this.values[name];
    if (value === undefined) return undefined;
    return isObject(value) ? new Properties(value, `${this.prefix}${name}.`) : this.refuse(name, 'must be an object');
  }

  /** The policy document in property `name`; throws when IAM would refuse it. */
  public policyDocument(name: string, use: PolicyUse): PolicyDocument {
    const { values } = this.object(name);
    const problem = policyProblem(values, use);
    if (problem !== undefined) this.refuse(name, problem);
    return values as unknown as PolicyDocument; // just checked
  }

  /** The `Tags` of a resource, by key; some types have a list, and some an object. */
  public tags(): Record<string, string> {
    const { Tags } = this.values;
    if (isObject(Tags)) return Object.fromEntries(Object.entries(Tags).map(([key, value]) => [key, String(value)]));
    return Object.fromEntries(this.items('Tags').map((tag) => [tag.text('Key'), tag.text('Value')]));
  }

  /** Throws the error for a property with a value that is not allowed. */
  public refuse(name: string, rule: string): never {
    throw new PropertyError(`property '${this.prefix}${name}' ${rule}, got ${excerpt(this.values[name])}`);
  }

  private missing(name: string): never {
    throw new PropertyError(`property '${this.prefix}${name}' is required`);
  }
}

function range({ min, max }: Bounds): string {
  if (min !== undefined && max !== undefined) return `${min} to ${max}`;
  return min === undefined ? `at most ${max}` : `at least ${min}`;
}
