import { checkTemplate } from '../../../src/local/assembly/template';

const WHERE = "template of stack 'S'";

describe('checkTemplate', () => {
  test('takes a template with every section, and an empty one', () => {
    const template = {
      Resources: { R: { Type: 'T', Properties: {}, DependsOn: ['A'], Condition: 'C', Metadata: {} } },
      Parameters: { P: { Type: 'String', AllowedValues: ['a'] } },
      Outputs: { O: { Value: 1, Export: { Name: 'n' } } },
      Conditions: { C: { 'Fn::Equals': [1, 1] } },
      Mappings: { M: { a: { b: 'c' } } },
      Rules: { R: { Assertions: [{ Assert: true }] } },
    };
    expect(checkTemplate(template, WHERE)).toEqual(template);
    expect(checkTemplate({ ...template, Conditions: null }, WHERE)).not.toHaveProperty('Conditions');
    expect(checkTemplate({}, WHERE)).toEqual({});
  });

  test.each<[unknown, string]>([
    [[], 'the template must be an object, got []'],
    [null, 'the template must be an object, got null'],
    [{ Resources: [] }, 'section Resources must be an object, got []'],
    [{ Resources: { R: 'x' } }, "resource R must be an object, got 'x'"],
    [{ Resources: { R: {} } }, 'Type of resource R must be text, got nothing'],
    [{ Resources: { R: { Type: 'T', Properties: 1 } } }, 'Properties of resource R must be an object, got 1'],
    [{ Resources: { R: { Type: 'T', DependsOn: { A: 1 } } } }, 'DependsOn of resource R must be text, got {"A":1}'],
    [{ Resources: { R: { Type: 'T', DependsOn: null } } }, 'DependsOn of resource R must be text, got null'],
    [{ Resources: { R: { Type: 'T', Condition: [] } } }, 'Condition of resource R must be text, got []'],
    [{ Parameters: { P: {} } }, 'Type of parameter P must be text, got nothing'],
    [{ Parameters: { P: { Type: 'S', AllowedValues: 'a' } } }, "AllowedValues of parameter P must be a list, got 'a'"],
    [{ Outputs: { O: {} } }, 'output O must have a Value, got {}'],
    [{ Outputs: { O: { Value: 1, Export: 'n' } } }, "Export of output O must be an object, got 'n'"],
    [{ Rules: { R: 'x' } }, "rule R must be an object, got 'x'"],
    [{ Rules: { R: { Assertions: [1] } } }, 'an assertion of rule R must be an object, got 1'],
    [{ Mappings: { M: { a: 1 } } }, 'key a of mapping M must be an object, got 1'],
  ])('refuses %j', (template, message) => {
    expect(() => checkTemplate(template, WHERE)).toThrow(`${WHERE}: ${message}`);
  });
});
