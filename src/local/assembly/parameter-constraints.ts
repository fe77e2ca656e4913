/**
 * The types of template parameters and what their values must be, in the words of CloudFormation. Of a parameter that
 * names one of SSM, the name is checked.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
 */

import { AssemblyError, excerpt } from '../local-error';
import type { Template, TemplateParameter } from './template';

/** The documented ones; what `AWS::` types name is not looked up. */
const TYPE =
  /^(String|Number|CommaDelimitedList|List<(String|Number|AWS::[\w:]+)>|AWS::SSM::Parameter::Value<.+>|AWS::[\w:]+)$/;

/** @throws AssemblyError for a type that there is not */
export function checkParameterTypes(parameters: NonNullable<Template['Parameters']>): void {
  for (const { Type } of Object.values(parameters)) {
    if (!TYPE.test(Type)) throw new AssemblyError(`Template format error: Unrecognized parameter type: ${Type}`);
  }
}

/** Why a parameter cannot have this value; undefined where it can. */
export function constraintProblem(name: string, definition: TemplateParameter, value: string): string | undefined {
  const { ConstraintDescription: description } = definition;
  const problem = problemOf(definition, value);
  if (problem === undefined || description === undefined) return problem && `Parameter '${name}' ${problem}`;
  return `Parameter ${name} failed to satisfy constraint: ${String(description)}`;
}

/** As {@link constraintProblem}, with the value and what is allowed: nobody looks a template of the CDK up for that. */
export function explainedProblem(name: string, definition: TemplateParameter, value: string): string | undefined {
  const problem = constraintProblem(name, definition, value);
  if (problem === undefined) return undefined;
  const { AllowedValues, NoEcho } = definition;
  const allowed = AllowedValues ? ` (${AllowedValues.map(String).join(', ')})` : '';
  return `${problem}${allowed}, got ${NoEcho === true || NoEcho === 'true' ? '****' : excerpt(value)}`;
}

function problemOf(definition: TemplateParameter, value: string): string | undefined {
  const { AllowedPattern, AllowedValues, MaxLength, MaxValue, MinLength, MinValue, Type } = definition;
  const members = /^(CommaDelimitedList|List<.+>)$/.test(Type) ? value.split(',').map((each) => each.trim()) : [value];
  const allowed = AllowedValues?.map(String);
  if (allowed && !members.every((each) => allowed.includes(each))) return 'must be one of AllowedValues';
  if (Type === 'Number' || Type === 'List<Number>') {
    const numbers = members.map((each) => (each === '' ? Number.NaN : Number(each)));
    if (numbers.some(Number.isNaN)) return 'must be a number';
    if (numbers.some((each) => each < limit(MinValue, -Infinity))) {
      return `must be a number not less than ${String(MinValue)}`;
    }
    if (numbers.some((each) => each > limit(MaxValue, Infinity))) {
      return `must be a number not greater than ${String(MaxValue)}`;
    }
    return undefined;
  }
  if (value.length < limit(MinLength, 0)) return `must contain at least ${String(MinLength)} characters`;
  if (value.length > limit(MaxLength, Infinity)) return `must contain at most ${String(MaxLength)} characters`;
  const pattern = wholePattern(AllowedPattern);
  if (pattern && !members.every((each) => pattern.test(each))) return `must match pattern ${String(AllowedPattern)}`;
  return undefined;
}

function limit(given: unknown, otherwise: number): number {
  const number = Number(given);
  return given === undefined || Number.isNaN(number) ? otherwise : number;
}

/** What JavaScript cannot read of Java's regular expressions, such as `\p{Alnum}` or `a++`, is not decided here. */
function wholePattern(pattern: unknown): RegExp | undefined {
  if (typeof pattern !== 'string') return undefined;
  try {
    return new RegExp(`^(?:${pattern})$`);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
