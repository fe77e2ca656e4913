/** The scripted model, read by AWS's own decoder of event streams and by a foreign parser of server-sent events. */
import { EventStreamCodec } from '@smithy/core/event-streams';
import { type ScriptedModel, startScriptedModel } from 'cdk-lambda-streaming/testing';
import { createParser } from 'eventsource-parser';

const TOKENS = ['Hello', ', ', 'world'];
const models: ScriptedModel[] = [];
afterEach(async () => {
  for (const model of models.splice(0)) await model.stop();
});

async function ask(path: string, options: Partial<Parameters<typeof startScriptedModel>[0]> = {}) {
  const model = await startScriptedModel({ tokens: TOKENS, ...options });
  models.push(model);
  const body = JSON.stringify({ model: 'm', stream: true, prompt: 'hi' });
  return { model, response: await fetch(model.url + path, { method: 'POST', body }) };
}

async function eventsOf(response: Response): Promise<{ readonly event?: string; readonly data: string }[]> {
  const events: { readonly event?: string; readonly data: string }[] = [];
  const parser = createParser({ onEvent: ({ event, data }) => events.push({ event, data }) });
  parser.feed(await response.text());
  return events;
}

const utf8 = { to: (bytes: Uint8Array) => Buffer.from(bytes).toString(), from: (text: string) => Buffer.from(text) };

/** The frames of Bedrock, as the SDK's own codec decodes them. */
async function framesOf(response: Response): Promise<{ readonly type: unknown; readonly body: never }[]> {
  const codec = new EventStreamCodec(utf8.to, utf8.from);
  let rest = Buffer.from(await response.arrayBuffer());
  const frames: { readonly type: unknown; readonly body: never }[] = [];
  while (rest.length > 0) {
    const length = rest.readUInt32BE(0);
    const { headers, body } = codec.decode(rest.subarray(0, length));
    frames.push({ type: headers[':event-type']?.value, body: JSON.parse(Buffer.from(body).toString()) as never });
    rest = rest.subarray(length);
  }
  return frames;
}

test('OpenAI chat: tokens, reason to stop, and the end', async () => {
  const { model, response } = await ask('/v1/chat/completions');
  const events = await eventsOf(response);
  expect(events.at(-1)?.data).toBe('[DONE]');
  const chunks = events.slice(0, -1).map(({ data }) => JSON.parse(data).choices[0]);
  expect(chunks.map(({ delta }) => delta.content ?? '').join('')).toBe('Hello, world');
  expect(chunks.at(-1).finish_reason).toBe('stop');
  expect(model.requests).toEqual([{ model: 'm', stream: true, prompt: 'hi' }]);
});

test.each([
  ['/v1/responses', 'response.output_text.delta', 'response.completed'],
  ['/v1/messages', 'content_block_delta', 'message_stop'],
])('%s: named events', async (path, delta, end) => {
  const events = await eventsOf((await ask(path)).response);
  expect(events.filter(({ event }) => event === delta)).toHaveLength(TOKENS.length);
  expect(events.at(-1)?.event).toBe(end);
});

test('Bedrock ConverseStream: frames that the SDK decodes', async () => {
  const { response } = await ask('/model/m/converse-stream');
  expect(response.headers.get('content-type')).toBe('application/vnd.amazon.eventstream');
  const frames = await framesOf(response);
  expect(frames.map(({ type }) => type)).toEqual([
    'messageStart',
    ...TOKENS.map(() => 'contentBlockDelta'),
    'contentBlockStop',
    'messageStop',
    'metadata',
  ]);
  expect(frames[1]?.body).toEqual({ contentBlockIndex: 0, delta: { text: 'Hello' } });
});

test('Bedrock InvokeModelWithResponseStream: the model’s events as bytes in frames', async () => {
  const frames = await framesOf((await ask('/model/m/invoke-with-response-stream')).response);
  const events = frames.map(({ body: { bytes } }) => JSON.parse(Buffer.from(bytes, 'base64').toString()));
  expect(events.filter(({ type }) => type === 'content_block_delta').map(({ delta }) => delta.text)).toEqual(TOKENS);
});

test('a model that breaks down cuts the connection', async () => {
  const { response } = await ask('/v1/chat/completions', { breaksAfter: 2 });
  await expect(response.text()).rejects.toThrow('terminated');
});

test('tokens may depend on the request; a path it does not know gets the list of those it does', async () => {
  const { response } = await ask('/v1/messages', {
    tokens: (request) => [(request as { readonly prompt: string }).prompt.toUpperCase()],
  });
  expect(await response.text()).toContain('"text":"HI"');
  const { response: refused } = await ask('/v2/else');
  expect([refused.status, await refused.text()]).toEqual([404, expect.stringContaining('/chat/completions')]);
});

test.each([
  [{ token: ['a'] }, "there is no option 'token'; did you mean 'tokens'?"],
  [{}, 'tokens must be an array of strings, or a function that gives one, got undefined'],
  [{ tokens: ['a', 1] }, "tokens must be an array of strings, or a function that gives one, got ['a', 1]"],
  [{ tokens: [], pauseMs: -1 }, 'pauseMs must be a number of milliseconds from 0 to 2147483647, got -1'],
  [{ tokens: [], breaksAfter: 1.5 }, 'breaksAfter must be a whole number, 0 or more, got 1.5'],
  [undefined, 'the options must be an object, got undefined'],
])('options that are none are refused: %j', async (options, message) => {
  await expect(startScriptedModel(options as never)).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: `startScriptedModel(): ${message}`,
  });
});

test('a function that gives no tokens is told to its client', async () => {
  const { response } = await ask('/v1/messages', { tokens: (() => 'abc') as never });
  expect([response.status, await response.text()]).toEqual([
    500,
    "the function 'tokens' must give an array of strings, got 'abc'",
  ]);
});
