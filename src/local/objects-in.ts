/** Reads lists that somebody else wrote, such as those of templates and requests. */
import { isObject } from '../base/is-object';

/** The objects of a list; none where `value` is no list. */
export function objectsIn(value: unknown): Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}
