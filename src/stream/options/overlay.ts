/** Lays the options of a call over those it was made with. Portable. */

/** A member that is there but undefined replaces nothing. */
export function overlay<T extends object>(base: T | undefined, own: Partial<T> | undefined): Partial<T> {
  const given = Object.entries(own ?? {}).filter(([, value]) => value !== undefined);
  return { ...base, ...(Object.fromEntries(given) as Partial<T>) };
}
