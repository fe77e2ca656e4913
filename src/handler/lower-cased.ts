/** Names of headers compare without regard to case, and a REST API hands them on as the client wrote them. */
export const lowerCased = <Value>(headers: Readonly<Record<string, Value>> | null | undefined): Record<string, Value> =>
  Object.fromEntries(Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]));
