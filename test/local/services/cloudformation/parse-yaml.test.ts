// biome-ignore-all lint/suspicious/noTemplateCurlyInString: CloudFormation's own placeholders
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseYaml } from '../../../../src/local/services/cloudformation/parse-yaml';

const lines = (...text: string[]) => text.join('\n');

test.each<[string, string, unknown]>([
  [
    'blocks',
    lines('A:', '  - 1', '  - B: x', '    C: [y, "z", { d: e }]', '  -', '    - deep', 'E: {}'),
    { A: [1, { B: 'x', C: ['y', 'z', { d: 'e' }] }, ['deep']], E: {} },
  ],
  ['a list at the indentation of its key', lines('A:', '- 1', '- 2', 'B: 3'), { A: [1, 2], B: 3 }],
  [
    'keys with colons and quotation marks',
    lines('Fn::Sub: "${AWS::Region}"', "'a b': c", 'https://x: y'),
    { 'Fn::Sub': '${AWS::Region}', 'a b': 'c', 'https://x': 'y' },
  ],
  [
    'scalars',
    lines('a: true', 'b: No', 'c: 0123', 'd: 2012-10-17', 'e: ~', 'f:', 'g: 1.5', 'h: 111111111111', 'i: x # comment'),
    { a: true, b: false, c: '0123', d: '2012-10-17', e: null, f: null, g: 1.5, h: 111111111111, i: 'x' },
  ],
  [
    'literal and folded text',
    lines('a: |', '  one', '    two', '', 'b: >-', '  one', '  two', '', '  three', 'c: |+', '  x', '', 'd: 1'),
    { a: 'one\n  two\n', b: 'one two\nthree', c: 'x\n\n', d: 1 },
  ],
  [
    'text over several lines',
    lines('a: one', '  two', 'b: "x \\', '  y\\n"', "c: 'it''s", "  so'"),
    { a: 'one two', b: 'x y\n', c: "it's so" },
  ],
  [
    'short forms',
    lines(
      'a: !Ref X',
      'b: !GetAtt X.Arn.Y',
      'c: !Join [",", [!Ref Y, z]]',
      'd: !If',
      '  - C',
      '  - !Sub "${X}"',
      '  - 1',
      'e: !Condition D',
    ),
    {
      a: { Ref: 'X' },
      b: { 'Fn::GetAtt': ['X', 'Arn.Y'] },
      c: { 'Fn::Join': [',', [{ Ref: 'Y' }, 'z']] },
      d: { 'Fn::If': ['C', { 'Fn::Sub': '${X}' }, 1] },
      e: { Condition: 'D' },
    },
  ],
  ['a document', lines('# comment', '---', 'a: 1', '...'), { a: 1 }],
  ['a key that objects have', lines('__proto__: 1'), JSON.parse('{"__proto__": 1}')],
])('reads %s', (_, text, expected) => {
  expect(parseYaml(text)).toEqual(expected);
});

test.each([
  ['a: 1\na: 2', 'Map keys must be unique at line 2, column 1'],
  ['a: 1\n  b: 2', 'Nested mappings are not allowed in compact mappings at line 1, column 4'],
  ['a: &x 1\nb: *x', '*x is an alias at line 2: CloudFormation does not read that'],
  ['a: 1\n<<: { b: 2 }', "'<<' is a merge at line 2: CloudFormation does not read that"],
  ['a: !!binary x', 'a value is tagged !!binary at line 1: CloudFormation does not read that'],
  ['a:\n- !Nothing x', 'Unresolved tag: !Nothing at line 2, column 3'],
  [
    'a: [1, 2\nb: 3',
    'Flow sequence in block collection must be sufficiently indented and end with a ] at line 2, column 1',
  ],
  ['\ta: 1', 'Tabs are not allowed as indentation at line 1, column 1'],
  ['a: 1\nb', 'Implicit map keys need to be followed by map values at line 2, column 1'],
  ['a: 1\n---\nb: 2', 'Source contains multiple documents; please use YAML.parseAllDocuments() at line 2, column 1'],
])('refuses %j', (text, message) => {
  expect(() => parseYaml(text)).toThrow(message);
});

test('reads the template of cdk bootstrap', () => {
  const file = join(dirname(require.resolve('aws-cdk/package.json')), 'lib/api/bootstrap/bootstrap-template.yaml');
  const { Outputs, Resources } = parseYaml(readFileSync(file, 'utf8')) as Record<string, Record<string, unknown>>;
  expect(Object.keys(Resources ?? {})).toContain('FilePublishingRole');
  expect(Outputs?.['BucketName']).toEqual({
    Description: 'The name of the S3 bucket owned by the CDK toolkit stack',
    Value: { 'Fn::Sub': '${StagingBucket}' },
  });
});
