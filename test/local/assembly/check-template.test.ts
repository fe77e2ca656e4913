import { checkChosenResources, checkTemplateRules } from '../../../src/local/assembly/check-template';
import type { ResolveScope } from '../../../src/local/assembly/resolve-intrinsics';
import type { Template, TemplateResource } from '../../../src/local/assembly/template';

const topic = (Properties: Record<string, unknown> = {}, more: Partial<TemplateResource> = {}): TemplateResource => ({
  Type: 'AWS::SNS::Topic',
  Properties,
  ...more,
});
const many = <T>(count: number, value: T) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`N${i}`, value]));
const SUB = (text: string) => ({ 'Fn::Sub': text });

describe('a template is refused in the words of CloudFormation', () => {
  const T = topic();
  const equals = (one: unknown) => ({ 'Fn::Equals': [one, 'x'] });
  test.each<[string, Template, string]>([
    ['501 resources', { Resources: many(501, T) }, 'Number of resources, 501, is greater than maximum allowed, 500'],
    ['201 parameters', { Parameters: many(201, { Type: 'String' }) }, 'Number of parameters, 201, is greater than max'],
    [
      '201 outputs',
      { Outputs: many(201, { Value: 'x' }) },
      'Number of outputs, 201, is greater than maximum allowed, 200',
    ],
    [
      'a type that is none',
      { Resources: { A: topic({}, { Type: 'constructor' }) } },
      'Unrecognized resource types: [constructor]',
    ],
    ['an unknown type of parameter', { Parameters: { P: { Type: 'Strin' } } }, 'Unrecognized parameter type: Strin'],
    [
      'an unknown Ref',
      { Resources: { A: topic({ x: [{ Ref: 'Nope' }, SUB('$' + '{No.Arn}-$' + '{!Literal}')] }) } },
      'Template format error: Unresolved resource dependencies [Nope, No] in the Resources block of the template',
    ],
    [
      'an IAM variable in Fn::Sub',
      { Resources: { A: topic({ x: SUB('$' + '{aws:username}') }) } },
      'Unresolved resource dependencies [aws:username] in the Resources block of the template',
    ],
    [
      'an unknown DependsOn',
      { Resources: { A: topic({}, { DependsOn: ['A', 'Nope'] }) } },
      'Unresolved resource dependencies [Nope] in the Resources block of the template',
    ],
    [
      'an unknown Fn::GetAtt',
      { Resources: { A: topic({ x: { 'Fn::GetAtt': ['Nope', 'Arn'] } }) } },
      'Template error: instance of Fn::GetAtt references undefined resource Nope',
    ],
    [
      'an unknown name in the branch that is not taken',
      {
        Conditions: { C: equals('y') },
        Resources: { A: topic({ x: { 'Fn::If': ['C', { Ref: 'Nope' }, 1] } }) },
      },
      'Unresolved resource dependencies [Nope] in the Resources block of the template',
    ],
    [
      'an output of nothing',
      { Resources: { T }, Outputs: { O: { Value: { Ref: 'Nope' } } } },
      'Unresolved resource dependencies [Nope] in the Outputs block of the template',
    ],
    [
      'a condition that reads a resource',
      { Resources: { T }, Conditions: { C: equals({ Ref: 'T' }) } },
      'Unresolved dependencies [T]. Cannot reference resources in the Conditions block of the template',
    ],
    [
      'an unknown condition',
      { Resources: { T: topic({}, { Condition: 'C' }) } },
      'Unresolved condition dependency C in the Resources block of the template',
    ],
    [
      'an unknown condition in Fn::If',
      { Resources: { T: topic({ x: { 'Fn::If': ['C', 1, 2] } }) } },
      'Template error: unresolved condition dependency C in Fn::If',
    ],
  ])('%s', (_, template, message) => {
    expect(() => checkTemplateRules(template, 100)).toThrow(message);
  });

  test('with more than a megabyte', () => {
    expect(() => checkTemplateRules({}, 1_000_001)).toThrow('Template may not exceed 1000000 bytes in size.');
    expect(() => checkTemplateRules({}, 1_000_000)).not.toThrow();
  });

  test('not for what is there', () => {
    const names = ['AWS::NoValue', 'P', 'B'].map((Ref) => ({ Ref }));
    const sub = { 'Fn::Sub': ['$' + '{v}$' + '{AWS::Region}$' + '{B.Arn}', { v: { Ref: 'P' } }] };
    // A member that only has the name of a function is none.
    const member = { Ref: 'Nobody', and: 'another' };
    const Resources = { A: topic({ names, sub, member }, { DependsOn: 'B' }), B: topic() };
    const types = ['String', 'List<Number>', 'List<AWS::EC2::Subnet::Id>', 'AWS::SSM::Parameter::Value<List<String>>'];
    const Parameters = { P: { Type: 'Number' }, ...Object.fromEntries(types.map((Type, i) => [`P${i}`, { Type }])) };
    expect(() => checkTemplateRules({ Parameters, Resources }, 100)).not.toThrow();
  });
});

describe('with the values of its parameters', () => {
  const scope = (Conditions: Template['Conditions']) =>
    ({ template: { Conditions }, ref: () => undefined }) as unknown as ResolveScope;
  const Conditions = { Yes: { 'Fn::Equals': [1, 1] }, No: { 'Fn::Equals': [1, 2] } };
  const check = (Resources: Template['Resources'], Outputs: Template['Outputs'] = {}) =>
    checkChosenResources({ Conditions, Resources, Outputs } as Template, scope(Conditions));
  const Off = topic({}, { Condition: 'No' });

  test('what refers to a resource that is left out is refused, unless it is left out, too', () => {
    const message = (block: string) => `Unresolved resource dependencies [Off] in the ${block} block of the template`;
    const value = { 'Fn::GetAtt': ['Off', 'Arn'] };
    const choice = (name: string) => ({ 'Fn::If': [name, value, 1] });
    expect(() => check({ Off, A: topic({ x: value }) })).toThrow(message('Resources'));
    expect(() => check({ Off, A: topic({ x: choice('Yes') }) })).toThrow(message('Resources'));
    expect(() => check({ Off }, { O: { Value: value } })).toThrow(message('Outputs'));
    expect(() => check({ Off, A: topic({ x: choice('No') }, { DependsOn: 'Off' }) })).not.toThrow();
    expect(() => check({ Off, A: topic({ x: value }, { Condition: 'No' }) })).not.toThrow();
    expect(() => check({ Off }, { O: { Value: value, Condition: 'No' } })).not.toThrow();
  });

  test('resources that need each other are named', () => {
    expect(() => check({ A: topic({ x: { Ref: 'B' } }), B: topic({}, { DependsOn: 'A' }) })).toThrow(
      'Circular dependency between resources: [A, B]',
    );
  });
});
