/**
 * Reads YAML as CloudFormation takes it: YAML 1.1 without aliases and merges, dates as texts, and the short forms of
 * intrinsic functions. The package `yaml` reads it; it lies in `assets/yaml`, and is loaded with the first template.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-formats.html
 */
import * as nodeModule from 'node:module';
import { join } from 'node:path';
import type * as yamlPackage from 'yaml';
import type { CollectionTag, Pair, ScalarTag, Tags } from 'yaml';
import { assetFolder } from '../../runtime/runtime-path';

/** Says where the text cannot be read. */
class YamlError extends Error {
  public override readonly name = 'YamlError';
}

/**
 * Those that have a short form.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
 */
const FUNCTIONS = [
  ...['And', 'Base64', 'Cidr', 'Condition', 'Contains', 'EachMemberEquals', 'EachMemberIn', 'Equals', 'FindInMap'],
  ...['GetAtt', 'GetAZs', 'If', 'ImportValue', 'Join', 'Length', 'Not', 'Or', 'Ref', 'RefAll', 'Select', 'Split'],
  ...['Sub', 'ToJsonString', 'Transform', 'ValueOf', 'ValueOfAll'],
];

const NOT_READ = /^tag:yaml\.org,2002:(binary|omap|pairs|set|timestamp)$/;

/** @throws YamlError that names the line */
export function parseYaml(text: string): unknown {
  const yaml = loadYaml();
  const document = yaml.parseDocument(text.replace(/^\uFEFF/, ''), { schema: 'failsafe', customTags: tags(yaml) });
  // A tag that is not known is a warning to the package, which reads what is behind it.
  const [problem] = [...document.errors, ...document.warnings];
  if (problem) throw new YamlError(problem.message.split('\n', 1)[0]?.replace(/:$/, ''));
  const refuse = (what: string, offset = 0) => {
    throw new YamlError(
      `${what} at line ${text.slice(0, offset).split('\n').length}: CloudFormation does not read that`,
    );
  };
  yaml.visit(document, {
    Node: (_, { tag, range }) => {
      if (tag !== undefined && NOT_READ.test(tag))
        refuse(`a value is tagged ${tag.replace(NOT_READ, '!!$1')}`, range?.[0]);
    },
    Alias: (_, { source, range }) => refuse(`*${source} is an alias`, range?.[0]),
    Pair: (_, { key }: Pair<unknown>) => {
      if (yaml.isScalar(key) && key.value === '<<') refuse("'<<' is a merge", key.range?.[0]);
    },
  });
  return document.toJS();
}

let loaded: typeof yamlPackage | undefined;

function loadYaml(): typeof yamlPackage {
  const file = join(assetFolder('yaml'), 'index.js');
  loaded ??= nodeModule.createRequire(file)(file) as typeof yamlPackage;
  return loaded;
}

function tags(yaml: typeof yamlPackage): Tags {
  return [...SCALARS, ...FUNCTIONS.flatMap((name) => shortForms(name, yaml))];
}

/** What a scalar without quotation marks may be beside a text. A number that JSON cannot hold as it is, such as `0123`, is a text. */
const SCALARS: readonly ScalarTag[] = [
  { tag: 'tag:yaml.org,2002:null', test: /^(~|null)?$/i, resolve: () => null },
  { tag: 'tag:yaml.org,2002:bool', test: /^(true|yes|on)$/i, resolve: () => true },
  { tag: 'tag:yaml.org,2002:bool', test: /^(false|no|off)$/i, resolve: () => false },
  { tag: 'tag:yaml.org,2002:int', test: /^[-+]?(0|[1-9]\d{0,14})$/, resolve: Number },
  { tag: 'tag:yaml.org,2002:float', test: /^[-+]?(\d+\.\d*|\.\d+|\d+(\.\d*)?e[-+]?\d+)$/i, resolve: Number },
].map((tag) => ({ ...tag, default: true }));

/** `!Ref X` is `{ Ref: X }`, `!Sub x` is `{ 'Fn::Sub': x }`, whether the value is a scalar, a list or a map. */
function shortForms(name: string, yaml: typeof yamlPackage): (ScalarTag | CollectionTag)[] {
  const key = name === 'Ref' || name === 'Condition' ? name : `Fn::${name}`;
  const wrapped = (value: unknown) => {
    const map = new yaml.YAMLMap();
    map.set(key, value);
    return map;
  };
  const scalar = (text: string) => (name === 'GetAtt' ? attribute(text) : text);
  return [
    { tag: `!${name}`, resolve: (text: string) => ({ [key]: scalar(text) }) },
    { tag: `!${name}`, collection: 'seq', resolve: wrapped },
    { tag: `!${name}`, collection: 'map', resolve: wrapped },
  ];
}

/** `X.Arn` is the attribute `Arn` of X; that of a nested stack has dots, as in `X.Outputs.Y`. */
function attribute(text: string): string | readonly [string, string] {
  const dot = text.indexOf('.');
  return dot < 0 ? text : [text.slice(0, dot), text.slice(dot + 1)];
}
