/** What a part of a template refers to: by `Ref`, by `Fn::GetAtt`, and in the texts of `Fn::Sub`. */

export interface Reference {
  readonly name: string;
  readonly isAttribute: boolean;
}

/** Decides which branch of an `Fn::If` counts. */
export type ChooseBranch = (condition: string) => boolean | 'both';

/** @param choose @default - both branches of every `Fn::If` count */
export function* referencesIn(value: unknown, choose?: ChooseBranch): Generator<Reference> {
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    for (const item of value) yield* referencesIn(item, choose);
    return;
  }
  const entries = Object.entries(value);
  const [key, argument] = entries.length === 1 ? (entries[0] as [string, unknown]) : ['', undefined];
  if (key === 'Ref' && typeof argument === 'string') yield { name: argument, isAttribute: false };
  else if (key === 'Fn::GetAtt') yield* ofAttribute(argument, choose);
  else if (key === 'Fn::Sub') yield* ofText(argument, choose);
  else if (choose && key === 'Fn::If' && Array.isArray(argument) && typeof argument[0] === 'string') {
    const [condition, yes, no]: unknown[] = argument;
    const chosen = choose(String(condition));
    if (chosen !== false) yield* referencesIn(yes, choose);
    if (chosen !== true) yield* referencesIn(no, choose);
  } else for (const [, item] of entries) yield* referencesIn(item, choose);
}

function* ofAttribute(argument: unknown, choose?: ChooseBranch): Generator<Reference> {
  const [resource, ...attribute] = Array.isArray(argument) ? argument : [argument];
  if (typeof resource === 'string') yield { name: resource.split('.')[0] ?? '', isAttribute: true };
  // The name of the attribute may be a function itself.
  yield* referencesIn(attribute, choose);
}

function* ofText(argument: unknown, choose?: ChooseBranch): Generator<Reference> {
  const [text, variables = {}]: unknown[] = Array.isArray(argument) ? argument : [argument];
  const given = new Set(Object.keys(Object(variables)));
  for (const [, placeholder = ''] of String(text).matchAll(/\$\{([^!}][^}]*)\}/g)) {
    const name = placeholder.split('.')[0] ?? '';
    if (!given.has(placeholder)) yield { name, isAttribute: false };
  }
  yield* referencesIn(variables, choose);
}
