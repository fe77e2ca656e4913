import { streamContract, unchecked } from 'cdk-lambda-streaming/contract';
import { streamHandler } from 'cdk-lambda-streaming/handler';
import { validate } from '../../src/contract/validate';

test('unchecked() is a schema for the contract, and takes every value as it is', () => {
  const value = { at: new Date(0) };
  const { chunk } = streamContract({ format: 'ndjson', chunk: unchecked<{ readonly at: Date }>() });
  expect(chunk?.['~standard'].version).toBe(1); // the only one there is: https://standardschema.dev
  expect(validate(chunk, value, 'chunk')).toBe(value);
  expect(validate(chunk, undefined, 'chunk')).toBe(undefined);
});

test('unchecked() lets a handler take an input it never looked at', async () => {
  const contract = streamContract({ format: 'text', input: unchecked<{ readonly name: string }>() });
  const handler = streamHandler(contract, async function* ({ name }) {
    yield typeof name;
  });
  expect((await handler({ name: 1 })).body).toBe('number');
});
