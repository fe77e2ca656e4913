import { conditionHolds, type ResolveScope, resolveIntrinsics } from '../../../src/local/assembly/resolve-intrinsics';

const scope: ResolveScope = {
  template: {
    Mappings: { Sizes: { 'eu-west-1': { big: 'b', list: ['x', 'y'] } } },
    Conditions: {
      Yes: { 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'eu-west-1'] },
      No: { 'Fn::Not': [{ Condition: 'Yes' }] },
      Both: { 'Fn::And': [{ Condition: 'Yes' }, { Condition: 'No' }] },
      Either: { 'Fn::Or': [{ Condition: 'Yes' }, { Condition: 'No' }] },
      Loop: { 'Fn::Not': [{ Condition: 'Back' }] },
      Back: { 'Fn::Not': [{ Condition: 'Loop' }] },
    },
  },
  ref: (name) => ({ 'AWS::Region': 'eu-west-1', Bucket: 'bucket-1', List: ['a', 'b'] })[name],
  attribute: (logicalId, attribute) => `${logicalId}/${attribute}`,
  importValue: (name) => `imported ${name}`,
  dynamicReference: (service, reference) => `<${service} ${reference}>`,
  availabilityZones: (region) => [`${region}a`, `${region}b`],
};

const SUB = (text: string) => ({ 'Fn::Sub': text });

describe('resolveIntrinsics', () => {
  test.each<[string, unknown, unknown]>([
    ['values without functions', { a: [1, true, null, 'x'] }, { a: [1, true, null, 'x'] }],
    ['Ref', { Ref: 'Bucket' }, 'bucket-1'],
    ['a dynamic reference', { a: 'x{{resolve:ssm:/p:1}}y' }, { a: 'x<ssm /p:1>y' }],
    [
      'a dynamic reference that is put together',
      { 'Fn::Join': ['', ['{{resolve:secretsmanager:', { Ref: 'Bucket' }, ':SecretString:key::}}']] },
      '<secretsmanager bucket-1:SecretString:key::>',
    ],
    ['Fn::GetAtt as a list', { 'Fn::GetAtt': ['Bucket', 'Arn'] }, 'Bucket/Arn'],
    ['Fn::GetAtt as text', { 'Fn::GetAtt': 'Nested.Outputs.Name' }, 'Nested/Outputs.Name'],
    ['Fn::Join over functions', { 'Fn::Join': ['-', ['a', { Ref: 'Bucket' }, 1]] }, 'a-bucket-1-1'],
    ['Fn::Join over a list value', { 'Fn::Join': [',', { Ref: 'List' }] }, 'a,b'],
    ['Fn::Sub', SUB('$' + '{Bucket}/$' + '{Bucket.Arn}/$' + '{AWS::Region}'), 'bucket-1/Bucket/Arn/eu-west-1'],
    ['Fn::Sub with a literal', SUB('$' + '{!Literal}'), '$' + '{Literal}'],
    [
      'Fn::Sub with variables',
      { 'Fn::Sub': ['$' + '{x}-$' + '{Bucket}', { x: { Ref: 'Bucket' } }] },
      'bucket-1-bucket-1',
    ],
    ['Fn::Select with an index as text', { 'Fn::Select': ['1', ['a', 'b']] }, 'b'],
    ['Fn::Split', { 'Fn::Split': ['/', 'a/b/c'] }, ['a', 'b', 'c']],
    ['Fn::Select of Fn::Split', { 'Fn::Select': [2, { 'Fn::Split': [':', 'a:b:c'] }] }, 'c'],
    ['Fn::If', { 'Fn::If': ['Yes', 'y', 'n'] }, 'y'],
    ['Fn::If with the branch not taken unresolved', { 'Fn::If': ['Yes', 'y', { Ref: 'Missing' }] }, 'y'],
    ['AWS::NoValue in an object', { a: 1, b: { 'Fn::If': ['No', 2, { Ref: 'AWS::NoValue' }] } }, { a: 1 }],
    ['AWS::NoValue in a list', ['a', { Ref: 'AWS::NoValue' }], ['a']],
    ['Fn::FindInMap', { 'Fn::FindInMap': ['Sizes', { Ref: 'AWS::Region' }, 'big'] }, 'b'],
    ['Fn::FindInMap with a default', { 'Fn::FindInMap': ['Sizes', 'x', 'y', { DefaultValue: 'd' }] }, 'd'],
    ['Fn::ImportValue', { 'Fn::ImportValue': 'shared' }, 'imported shared'],
    ['Fn::Base64', { 'Fn::Base64': 'é' }, 'w6k='],
    ['Fn::GetAZs of the region', { 'Fn::GetAZs': '' }, ['eu-west-1a', 'eu-west-1b']],
    ['Fn::GetAZs of another', { 'Fn::GetAZs': 'us-east-1' }, ['us-east-1a', 'us-east-1b']],
    ['Fn::ToJsonString', { 'Fn::ToJsonString': { a: { Ref: 'Bucket' } } }, '{"a":"bucket-1"}'],
    ['Fn::Cidr', { 'Fn::Cidr': ['10.0.7.9/16', '3', '8'] }, ['10.0.0.0/24', '10.0.1.0/24', '10.0.2.0/24']],
    [
      'Fn::Cidr of IPv6',
      { 'Fn::Cidr': ['2600:1f18:abc:de00::/56', 2, 64] },
      ['2600:1f18:abc:de00::/64', '2600:1f18:abc:de01::/64'],
    ],
    ['Fn::Length', { 'Fn::Length': { Ref: 'List' } }, 2],
    ['Fn::Contains', { 'Fn::Contains': [['1', '2'], '2'] }, true],
    [
      'a policy with a member called Condition',
      { Condition: { Bool: { k: true } } },
      { Condition: { Bool: { k: true } } },
    ],
  ])('resolves %s', (_name, value, expected) => {
    expect(resolveIntrinsics(value, scope)).toEqual(expected);
  });

  test.each<[string, unknown, string]>([
    [
      'an unknown name',
      { Ref: 'Nobody' },
      "Ref 'Nobody' names no parameter, no pseudo parameter and no deployed resource",
    ],
    [
      'an unknown function',
      { 'Fn::ForEach::X': {} },
      "the local target does not support the intrinsic function 'Fn::ForEach::X'",
    ],
    ['a macro', { a: 1, 'Fn::Transform': { Name: 'M' } }, "runs no macros: Fn::Transform asks for 'M'"],
    ['an index beyond the list', { 'Fn::Select': [3, ['a']] }, 'Fn::Select has no element 3 in a list of 1'],
    [
      'a missing map entry',
      { 'Fn::FindInMap': ['Sizes', 'x', 'y'] },
      'Template error: Unable to get mapping for Sizes::x::y',
    ],
    ['an unknown condition', { 'Fn::If': ['Maybe', 1, 2] }, "condition 'Maybe' is not defined in the template"],
    ['a block that is none', { 'Fn::Cidr': ['10.0.0/16', 1, 8] }, "a block such as 10.0.0.0/16, got '10.0.0/16'"],
    ['more blocks than fit', { 'Fn::Cidr': ['10.0.0.0/24', 9, 5] }, 'finds no 9 blocks with 5 bits in 10.0.0.0/24'],
    ['no blocks', { 'Fn::Cidr': ['10.0.0.0/24', 0, 5] }, 'Fn::Cidr gives from 1 to 256 blocks, got 0'],
    ['text where a list must be', { 'Fn::Join': ['', 'text'] }, "Fn::Join needs a list, got 'text'"],
    ['a list where text must be', { 'Fn::Base64': { Ref: 'List' } }, 'expected text, got ["a","b"]'],
  ])('refuses %s', (_name, value, message) => {
    expect(() => resolveIntrinsics(value, scope)).toThrow(message);
  });
});

describe('conditionHolds', () => {
  test('decides conditions that refer to others', () => {
    expect(['Yes', 'No', 'Both', 'Either'].map((name) => conditionHolds(name, scope))).toEqual([
      true,
      false,
      false,
      true,
    ]);
  });

  test('names conditions that refer to each other', () => {
    expect(() => conditionHolds('Loop', scope)).toThrow('conditions refer to each other: Loop → Back → Loop');
  });
});
