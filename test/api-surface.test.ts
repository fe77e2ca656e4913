/** The law of the public constructs, read from their jsii assembly: what users of five languages see. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as library from 'cdk-lambda-streaming';
import { Construct } from 'constructs';
import { compiledPackage } from './jsii-assembly';

interface Documented {
  readonly name: string;
  readonly docs?: { readonly summary?: string; readonly default?: string; readonly example?: string };
}
interface Property extends Documented {
  readonly optional?: boolean;
  readonly immutable?: boolean;
  readonly overrides?: string;
}
interface Method extends Documented {
  readonly parameters?: (Documented & { readonly type: unknown })[];
  readonly overrides?: string;
}
interface Type extends Documented {
  readonly kind: 'class' | 'interface' | 'enum';
  readonly datatype?: boolean;
  readonly properties?: Property[];
  readonly methods?: Method[];
  readonly members?: Documented[];
  readonly initializer?: Method;
}

let types: Type[];
beforeAll(() => {
  const assembly = JSON.parse(readFileSync(join(compiledPackage(), '.jsii'), 'utf8')) as {
    types: Record<string, Type>;
  };
  types = Object.values(assembly.types);
}, 300_000);

/** Members as `Type.member`, where `breaks` holds. */
function breaking<T extends Documented>(
  of: (type: Type) => readonly T[] | undefined,
  breaks: (member: T, type: Type) => boolean,
): string[] {
  return types.flatMap((type) =>
    (of(type) ?? []).filter((member) => breaks(member, type)).map(({ name }) => `${type.name}.${name}`),
  );
}

test('there is a surface to look at', () => {
  expect(types.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['StreamingFunction', 'StreamGrants', 'StreamingChecks']),
  );
});

test('every type says in a sentence what it is', () => {
  expect(types.filter(({ docs }) => !docs?.summary?.endsWith('.')).map(({ name }) => name)).toEqual([]);
});

test('every property, method and enum member is documented', () => {
  const undocumented = ({ docs }: Documented) => !docs?.summary;
  expect(breaking((type) => type.properties, undocumented)).toEqual([]);
  expect(breaking((type) => type.methods, undocumented)).toEqual([]);
  expect(breaking((type) => type.members, undocumented)).toEqual([]);
});

test('every parameter is documented, but those every construct has, and those of methods the CDK calls', () => {
  const common = new Set(['scope', 'id', 'props']);
  const undocumented = (type: Type) =>
    (type.methods ?? [])
      .filter(({ name, overrides }) => overrides === undefined && name !== 'bind')
      .flatMap((method) =>
        (method.parameters ?? []).map((parameter) => ({
          ...parameter,
          name: `${method.name}(${parameter.name})`,
          plain: parameter.name,
        })),
      )
      .filter(({ docs, plain }) => !docs?.summary && !common.has(plain));
  expect(breaking(undocumented, () => true)).toEqual([]);
});

test('every optional property says what happens without it: a value, or "- " and a behavior', () => {
  const silent = ({ optional, docs }: Property, type: Type) =>
    type.datatype === true && optional === true && !docs?.default;
  expect(breaking((type) => type.properties, silent)).toEqual([]);
  const vague = ({ docs }: Property) => docs?.default !== undefined && !/^(- .{4,}|[^-\s].*)$/s.test(docs.default);
  expect(breaking((type) => type.properties, vague)).toEqual([]);
});

test('properties of structs cannot be changed', () => {
  expect(
    breaking(
      (type) => (type.datatype ? type.properties : []),
      ({ immutable }) => !immutable,
    ),
  ).toEqual([]);
});

test('properties of classes cannot be changed', () => {
  expect(
    breaking(
      (type) => (type.kind === 'class' ? type.properties : []),
      ({ immutable }) => !immutable,
    ),
  ).toEqual([]);
});

test('no type is a union: it would be `object` in Java and C#', () => {
  expect(types.filter((type) => JSON.stringify(type).includes('"union"')).map(({ name }) => name)).toEqual([]);
});

test('nothing is typed `any`', () => {
  expect(types.filter((type) => JSON.stringify(type).includes('"primitive":"any"')).map(({ name }) => name)).toEqual(
    [],
  );
});

test('interfaces have no grant methods, and nothing is named as a member the CDK may add', () => {
  expect(
    breaking(
      (type) => (type.kind === 'interface' ? type.methods : []),
      ({ name }) => name.startsWith('grant'),
    ),
  ).toEqual([]);
  expect(
    breaking(
      (type) => type.properties,
      ({ name }) => name === 'grants' || name === 'metrics',
    ),
  ).toEqual([]);
});

test('every construct has an example', () => {
  const exported = library as unknown as Record<string, unknown>;
  const isConstruct = ({ name }: Type) => {
    const value = exported[name];
    return typeof value === 'function' && value.prototype instanceof Construct;
  };
  const constructs = types.filter(isConstruct);
  expect(constructs.length).toBeGreaterThan(8);
  expect(constructs.filter(({ docs }) => !docs?.example).map(({ name }) => name)).toEqual([]);
});

test('names say what they are: Props for constructors, Options for methods, Attributes for imports', () => {
  const structs = types.filter(({ datatype }) => datatype).map(({ name }) => name);
  expect(structs.filter((name) => !/(Props|Options|Attributes|Source|Hooks)$/.test(name))).toEqual([]);
});
