import { constraintProblem, explainedProblem } from '../../../src/local/assembly/parameter-constraints';
import type { TemplateParameter } from '../../../src/local/assembly/template';

test.each<[Partial<TemplateParameter>, string, string | undefined]>([
  [{ AllowedValues: ['a', 1] }, 'b', "Parameter 'P' must be one of AllowedValues"],
  [{ AllowedValues: ['a', 1] }, '1', undefined],
  [{ Type: 'CommaDelimitedList', AllowedValues: ['a', 'b'] }, 'a, b', undefined],
  [{ Type: 'CommaDelimitedList', AllowedValues: ['a', 'b'] }, 'a,c', "Parameter 'P' must be one of AllowedValues"],
  [{ AllowedPattern: '[a-z]+' }, 'ab1', "Parameter 'P' must match pattern [a-z]+"],
  [{ AllowedPattern: 'a|b' }, 'b', undefined],
  [{ AllowedPattern: 'a|b' }, 'bb', "Parameter 'P' must match pattern a|b"],
  [{ Type: 'CommaDelimitedList', AllowedPattern: '[a-z]' }, 'a,b', undefined],
  [{ Type: 'AWS::SSM::Parameter::Value<String>', AllowedPattern: '/app/.*' }, '/app/name', undefined],
  [{ AllowedPattern: '(?i)java\\p{Alnum}++' }, 'not decided', undefined],
  [{ MinLength: '3' }, 'ab', "Parameter 'P' must contain at least 3 characters"],
  [{ MaxLength: 3 }, 'abcd', "Parameter 'P' must contain at most 3 characters"],
  [{ Type: 'Number' }, 'soon', "Parameter 'P' must be a number"],
  [{ Type: 'Number' }, '', "Parameter 'P' must be a number"],
  [{ Type: 'List<Number>' }, '80, 4x3', "Parameter 'P' must be a number"],
  [{ Type: 'Number', MinValue: 0 }, '-1', "Parameter 'P' must be a number not less than 0"],
  [{ Type: 'Number', MaxValue: '43200' }, '43200.5', "Parameter 'P' must be a number not greater than 43200"],
  [{ Type: 'List<Number>', MinValue: 1, MaxValue: 9 }, '1,9', undefined],
  [
    { MinLength: 3, ConstraintDescription: 'three or more' },
    'ab',
    'Parameter P failed to satisfy constraint: three or more',
  ],
])('%j of %j', (definition, value, problem) => {
  expect(constraintProblem('P', { Type: 'String', ...definition }, value)).toBe(problem);
});

test('says what it got and what is allowed, but no secret', () => {
  const definition = { Type: 'String', AllowedValues: ['a', 'b'] };
  expect(explainedProblem('P', definition, 'c')).toBe("Parameter 'P' must be one of AllowedValues (a, b), got 'c'");
  expect(explainedProblem('P', { Type: 'String', MinLength: 9, NoEcho: 'true' }, 'secret')).toMatch(
    /characters, got \*{4}$/,
  );
  expect(explainedProblem('P', definition, 'a')).toBeUndefined();
});
