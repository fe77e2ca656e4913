/**
 * Lists and structures of the query protocol: flat names in a form for input, nested elements for output.
 * https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
 */
import { isObject } from '../../base/is-object';
import { xmlText } from './service-answer';
import type { ServiceInput } from './service-operation';

/** The members of a list of structures: `Tags.member.1.Key`. */
export function listOfStructures(input: ServiceInput, name: string): Readonly<Record<string, string>>[] {
  // By number, not as an array: a request may number its only member 99999999.
  const items = new Map<number, Record<string, string>>();
  for (const [key, value] of Object.entries(input)) {
    const [, index, member] = /^\.member\.(\d+)\.(.+)$/.exec(key.startsWith(name) ? key.slice(name.length) : '') ?? [];
    if (index === undefined || member === undefined) continue;
    items.set(Number(index), { ...items.get(Number(index)), [member]: String(value) });
  }
  return [...items].sort(([one], [other]) => one - other).map(([, item]) => item);
}

/** The members of a list of texts: `Capabilities.member.1`. */
export function listOfTexts(input: ServiceInput, name: string): string[] {
  return Object.entries(input)
    .filter(([key]) => key.startsWith(`${name}.member.`))
    .map(([, value]) => String(value));
}

/** The inside of a result: an object's members as elements, a list's as `<member>`; what is undefined is left out. */
export function resultXml(value: unknown): string {
  if (Array.isArray(value)) return value.map((item) => `<member>${resultXml(item)}</member>`).join('');
  if (!isObject(value)) return xmlText(String(value));
  return Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .map(([name, member]) => `<${name}>${resultXml(member)}</${name}>`)
    .join('');
}
