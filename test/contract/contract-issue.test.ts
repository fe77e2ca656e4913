import * as v from 'valibot';
import * as z from 'zod';
import { describeIssues, toContractIssues } from '../../src/contract/contract-issue';
import type { StandardResult, StandardSchema } from '../../src/contract/standard-schema';
import { requireEsmOnly } from './esm-only';

type ArkType = typeof import('arktype', { with: { 'resolution-mode': 'import' }});
const { type } = requireEsmOnly<ArkType>('arktype');

const HINT = 'JSON carries a Date as a string, so let the schema take one, as z.coerce.date() does';

function described(schema: StandardSchema, value: unknown): string {
  const { issues } = schema['~standard'].validate(value) as StandardResult<unknown>;
  return describeIssues(toContractIssues(issues ?? []));
}

test.each<[string, StandardSchema]>([
  ['zod', z.object({ at: z.date() })],
  ['valibot', v.object({ at: v.date() })],
  ['arktype', type({ at: 'Date' })],
])('a schema of %s that wants a Date is told what JSON does to one', (_, schema) => {
  expect(described(schema, { at: new Date(0).toISOString() })).toMatch(/^at: .*; JSON carries/);
  expect(described(schema, { at: new Date(0).toISOString() })).toContain(HINT);
});

test.each<[string, StandardSchema, unknown]>([
  ['another type', z.object({ date: z.string() }), { date: 1 }],
  ['a date that is none', z.coerce.date(), 'tomorrow'],
  ['text that names one', z.object({ text: z.literal('up to date') }), { text: 'x' }],
])('%s has no such hint', (_, schema, value) => {
  expect(described(schema, value)).not.toBe('');
  expect(described(schema, value)).not.toContain(HINT);
});

test('each issue stands after the path to it, and keys are plain data', () => {
  const issues = toContractIssues([
    { message: 'm' },
    { message: 'n', path: ['a', { key: 0 }, Symbol('s')] },
    { message: 'o', path: [] },
  ]);
  expect(issues).toEqual([
    { message: 'm', path: [] },
    { message: 'n', path: ['a', 0, 'Symbol(s)'] },
    { message: 'o', path: [] },
  ]);
  expect(describeIssues(issues)).toBe('m; a.0.Symbol(s): n; o');
});
