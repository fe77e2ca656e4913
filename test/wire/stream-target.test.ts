import { parseStreamTargetRecord } from '../../src/wire/stream-target';

const record = {
  streamTarget: 1,
  functionArn: 'arn:aws:lambda:eu-west-1:111111111111:function:chat:live',
  region: 'eu-west-1',
} as const;

test.each([record, { ...record, url: 'https://id.lambda-url.eu-west-1.on.aws/' }])('reads %j', (value) => {
  expect(parseStreamTargetRecord(JSON.stringify(value))).toEqual(value);
});

test.each([
  ['other text', 'https://example.com'],
  ['nothing', ''],
  ['JSON of another kind', '[1]'],
  ['null', 'null'],
  ['an object of somebody else', '{"functionArn":"a","region":"b"}'],
  ['another layout', JSON.stringify({ ...record, streamTarget: 2 })],
  ['no ARN', JSON.stringify({ ...record, functionArn: undefined })],
  ['no region', JSON.stringify({ ...record, region: 5 })],
  ['what merely begins with a brace', '{not json'],
])('%s is not a record', (_, text) => {
  expect(parseStreamTargetRecord(text)).toBeUndefined();
});
