/** Reads records by names that somebody else gave: `constructor` is a member of every object, and of no record. */

/** The member of a record; undefined where it has none of its own. */
export function ownMember<T>(record: Readonly<Record<string, T>> | undefined, name: string): T | undefined {
  return record !== undefined && Object.hasOwn(record, name) ? record[name] : undefined;
}
