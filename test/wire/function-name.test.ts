import fc from 'fast-check';
import { type FunctionReference, parseFunctionName } from '../../src/wire/function-name';

const arn = 'arn:aws:lambda:eu-west-1:111111111111:function:chat';
const parts = { partition: 'aws', region: 'eu-west-1', account: '111111111111', name: 'chat' };

/** The shortest format that keeps all that `reference` says. */
function formatFunctionName({ partition, region, account, name, qualifier }: FunctionReference): string {
  const suffix = qualifier === undefined ? '' : `:${qualifier}`;
  if (account === undefined) return name + suffix;
  if (region === undefined) return `${account}:function:${name}${suffix}`;
  return `arn:${partition ?? 'aws'}:lambda:${region}:${account}:function:${name}${suffix}`;
}

test.each([
  ['chat', { name: 'chat' }],
  ['chat:live', { name: 'chat', qualifier: 'live' }],
  ['chat:$LATEST', { name: 'chat', qualifier: '$LATEST' }],
  ['chat:$LATEST.PUBLISHED', { name: 'chat', qualifier: '$LATEST.PUBLISHED' }],
  ['111111111111:function:chat', { account: '111111111111', name: 'chat' }],
  ['111111111111:function:chat:7', { account: '111111111111', name: 'chat', qualifier: '7' }],
  [arn, parts],
  [`${arn}:live`, { ...parts, qualifier: 'live' }],
  [
    'arn:aws-us-gov:lambda:us-gov-west-1:111111111111:function:chat',
    { partition: 'aws-us-gov', region: 'us-gov-west-1', account: '111111111111', name: 'chat' },
  ],
])('reads %s, and writes it the same', (text, reference) => {
  expect(parseFunctionName(text)).toEqual(reference);
  expect(formatFunctionName(parseFunctionName(text))).toBe(text);
});

test('an account and "function:" before a name are taken for that, as the pattern of the service takes them', () => {
  expect(parseFunctionName('111111111111:buffered')).toEqual({ account: '111111111111', name: 'buffered' });
  expect(parseFunctionName('111111111111:buffered', 'live')).toMatchObject({ name: 'buffered', qualifier: 'live' });
  expect(parseFunctionName('11111111111:live')).toEqual({ name: '11111111111', qualifier: 'live' });
  expect(parseFunctionName('111111111111')).toEqual({ name: '111111111111' });
  expect(parseFunctionName('chat:function')).toEqual({ name: 'chat', qualifier: 'function' });
  expect(parseFunctionName('111111111111:chat:live')).toEqual({
    account: '111111111111',
    name: 'chat',
    qualifier: 'live',
  });
  expect(parseFunctionName('function:chat')).toEqual({ name: 'chat' });
  expect(parseFunctionName('function')).toEqual({ name: 'function' });
  expect(parseFunctionName('111111111111:function')).toEqual({ account: '111111111111', name: 'function' });
});

test('a qualifier may stand beside the name, or in it, or in both if it is the same', () => {
  expect(parseFunctionName(arn, 'live')).toEqual({ ...parts, qualifier: 'live' });
  expect(parseFunctionName('chat:live', 'live')).toEqual({ name: 'chat', qualifier: 'live' });
  expect(() => parseFunctionName('chat:live', 'beta')).toThrow(
    "functionName 'chat:live' already names the qualifier 'live', but qualifier is 'beta'; give one of them",
  );
});

test.each([
  ['', 'got an empty string'],
  ['my function', "a name holds only letters, digits, '-', '_' and '.', got 'my function'"],
  ['n'.repeat(65), 'its name has 65 characters, at most 64 are allowed'],
  [`${arn}:${'q'.repeat(250)}`, 'at most 256 are allowed'],
  ['arn:aws:s3:eu-west-1:111111111111:function:chat', 'an ARN must read arn:<partition>:lambda:'],
  ['arn:aws:lambda:eu-west-1:111111111111:layer:chat', 'an ARN must read'],
  ['arn:aws:lambda:eu-west-1:111111111111:function:chat:live:more', 'an ARN must read'],
  ['arn:aws:lambda:eu-west-1:1111:function:chat', "'1111' is not a 12-digit account"],
  ['arn:aws:lambda:nowhere:111111111111:function:chat', "'nowhere' is not a region"],
  ['arn:gcp:lambda:eu-west-1:111111111111:function:chat', "'gcp' is not a partition"],
  ['chat:live:more', 'a partial ARN must read'],
  ['111111111111:function:chat:live:more', 'a partial ARN must read'],
  ['1111:function:chat', "'1111' is not a 12-digit account"],
  ['a:b:c:d:e', 'a partial ARN must read'],
  ['chat:', 'qualifier must be'],
  [
    'chat:li ve',
    "qualifier must be a version number, an alias of at most 128 letters, digits, '-' and '_', or $LATEST, got 'li ve'",
  ],
  ['chat:$latest', 'qualifier must be'],
])('refuses %j and says why', (text, why) => {
  expect(() => parseFunctionName(text)).toThrow(why);
});

test('takes a name, a qualifier and a whole text as long as they may be', () => {
  const name = 'n'.repeat(64);
  expect(parseFunctionName(name, 'q'.repeat(128))).toEqual({ name, qualifier: 'q'.repeat(128) });
  const long = `arn:aws:lambda:eu-west-1:111111111111:function:${name}:${'q'.repeat(128)}`;
  expect(parseFunctionName(long)).toMatchObject({ name, qualifier: 'q'.repeat(128) });
});

test('a text of 256 characters is judged by its parts', () => {
  expect(() => parseFunctionName('n'.repeat(256))).toThrow('its name has 256 characters, at most 64 are allowed');
  expect(() => parseFunctionName('n'.repeat(257))).toThrow('it has 257 characters, at most 256 are allowed');
});

test('refuses a qualifier that is too long, and values that are no strings', () => {
  expect(() => parseFunctionName('chat', 'q'.repeat(129))).toThrow(
    expect.objectContaining({ code: 'qualifier-invalid' }),
  );
  expect(() => parseFunctionName('chat', 'q'.repeat(151))).toThrow(`got '${'q'.repeat(150)}'`);
  expect(() => parseFunctionName(undefined as never)).toThrow('got undefined');
  expect(() => parseFunctionName('chat', 7 as never)).toThrow('got number');
});

test('shows a name as it was given, but not without end', () => {
  const [whole, long] = ['n'.repeat(280), 'n'.repeat(281)];
  expect(() => parseFunctionName(whole)).toThrow(`functionName '${whole}' is invalid: it has 280 characters`);
  expect(() => parseFunctionName(long)).toThrow(`functionName '${whole}…' is invalid: it has 281 characters`);
});

test('any reference survives being written and read', () => {
  const word = fc.stringMatching(/^[a-zA-Z0-9_-]{1,64}$/).filter((text) => text !== 'arn');
  const account = fc.stringMatching(/^\d{12}$/);
  const qualifier = fc.option(fc.oneof(word, fc.constant('$LATEST')), { nil: undefined });
  const reference = fc.oneof(
    fc.record({ name: word, qualifier }),
    fc.record({ account, name: word, qualifier }),
    fc.record({
      partition: fc.constantFrom('aws', 'aws-cn'),
      region: fc.constant('cn-north-1'),
      account,
      name: word,
      qualifier,
    }),
  );
  fc.assert(
    fc.property(reference, (sent) => {
      const { qualifier: asked, ...rest } = sent;
      expect(parseFunctionName(formatFunctionName(sent))).toEqual(asked === undefined ? rest : sent);
    }),
  );
});
