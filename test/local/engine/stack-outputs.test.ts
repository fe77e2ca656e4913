import type { ResolveScope } from '../../../src/local/assembly/resolve-intrinsics';
import type { Template } from '../../../src/local/assembly/template';
import { readOutputs } from '../../../src/local/engine/stack-outputs';

const unused = (): never => {
  throw new Error('not asked for here');
};

function outputsOf(Outputs: Template['Outputs']) {
  const template: Template = { Resources: {}, Conditions: { No: { 'Fn::Equals': ['a', 'b'] } }, Outputs };
  const scope: ResolveScope = {
    template,
    ref: (name) => ({ Size: 3, Url: 'https://aws.example/', List: ['a'] })[name],
    attribute: unused,
    importValue: unused,
    dynamicReference: unused,
    availabilityZones: unused,
  };
  return readOutputs(template, scope, (text) => text.replace('aws.example', 'here.example'));
}

test('an output is text, with the address that answers beside the one of AWS', () => {
  const { outputs, values, exports } = outputsOf({
    Size: { Value: { Ref: 'Size' } },
    Url: { Value: { Ref: 'Url' }, Export: { Name: 'shared' } },
  });
  expect(outputs).toEqual({ Size: '3', Url: 'https://here.example/' });
  expect(values).toEqual({ Size: '3', Url: 'https://aws.example/' });
  expect([...exports]).toEqual([['shared', 'https://aws.example/']]);
});

test('an output whose condition does not hold is left out, with its export', () => {
  const { outputs, exports } = outputsOf({ Url: { Condition: 'No', Value: 'a', Export: { Name: 'shared' } } });
  expect(outputs).toEqual({});
  expect(exports.size).toBe(0);
});

test.each<[string, unknown, string]>([
  ['a list', { Ref: 'List' }, `output 'Url' must be text, got ["a"]`],
  ['an object', { a: 1 }, `output 'Url' must be text, got {"a":1}`],
  ['null', null, `output 'Url' must be text, got null`],
  ['no value', { Ref: 'AWS::NoValue' }, `output 'Url' must be text, got nothing`],
])('%s is no output', (_name, Value, message) => {
  expect(() => outputsOf({ Url: { Value } })).toThrow(message);
});
