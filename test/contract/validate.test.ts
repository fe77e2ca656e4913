import * as v from 'valibot';
import { z } from 'zod';
import { isContractError } from '../../src/contract/contract-error';
import type { StandardSchema } from '../../src/contract/standard-schema';
import { validate } from '../../src/contract/validate';
import { requireEsmOnly } from './esm-only';

type ArkType = typeof import('arktype', { with: { 'resolution-mode': 'import' }});
const { type } = requireEsmOnly<ArkType>('arktype');

const schemas: Record<string, StandardSchema> = {
  zod: z.object({ n: z.string().transform(Number), list: z.array(z.string()).default([]) }),
  valibot: v.object({ n: v.pipe(v.string(), v.transform(Number)), list: v.optional(v.array(v.string()), []) }),
  arktype: type({ n: 'string.numeric.parse', list: type('string[]').default(() => []) }),
};
const asynchronous: Record<string, StandardSchema> = {
  zod: z.object({ n: z.string().transform(async (text) => Number(text)) }),
  valibot: v.objectAsync({
    n: v.pipeAsync(
      v.string(),
      v.transformAsync(async (text) => Number(text)),
    ),
  }),
};

describe.each(Object.keys(schemas))('%s', (library) => {
  const schema = schemas[library] as StandardSchema;

  test('gives the transformed value at once', () => {
    expect(validate(schema, { n: '7' }, 'chunk')).toEqual({ n: 7, list: [] });
  });

  test('throws what is wrong and where, as plain data', () => {
    let thrown: unknown;
    try {
      validate(schema, { n: '7', list: ['a', 1] }, 'chunk', 4);
    } catch (error) {
      thrown = error;
    }
    expect(isContractError(thrown, 'chunk-invalid')).toBe(true);
    expect(thrown).toMatchObject({ index: 4, issues: [{ path: ['list', 1], message: expect.any(String) }] });
    expect(thrown).toHaveProperty('message', expect.stringMatching(/^chunk 4 does not keep the contract: list\.1: /));
    expect(JSON.parse(JSON.stringify(thrown)).issues).toEqual((thrown as { issues: unknown }).issues);
  });
});

describe.each(Object.keys(asynchronous))('an asynchronous schema of %s', (library) => {
  const schema = asynchronous[library] as StandardSchema;

  test('gives a promise of the transformed value', async () => {
    const result = validate(schema, { n: '7' }, 'input');
    expect(result).toHaveProperty('then');
    await expect(result).resolves.toEqual({ n: 7 });
  });

  test('rejects with what is wrong', async () => {
    await expect((async () => validate(schema, { n: 7 }, 'final'))()).rejects.toMatchObject({
      code: 'final-invalid',
      issues: [{ path: ['n'] }],
    });
  });
});

test('without a schema the value is its own result', () => {
  const value = { any: 'thing' };
  expect(validate(undefined, value, 'input')).toBe(value);
});

test('keys that are symbols or path segments become plain data', () => {
  const schema: StandardSchema = {
    '~standard': {
      version: 1,
      vendor: 'test',
      validate: () => ({ issues: [{ message: 'm', path: [{ key: 'a' }, 0, Symbol('s')] }, { message: 'root' }] }),
    },
  };
  expect(() => validate(schema, 1, 'error')).toThrow('the error does not keep the contract: a.0.Symbol(s): m; root');
});

test('a final value that is missing is told apart from one that is wrong', () => {
  const text = z.string();
  expect(() => validate(text, undefined, 'final')).toThrow(
    'the handler returned no final value, but the contract has one: ',
  );
  expect(() => validate(text, 7, 'final')).toThrow('the final does not keep the contract: ');
  expect(() => validate(text, undefined, 'input')).toThrow('the input does not keep the contract: ');
});
