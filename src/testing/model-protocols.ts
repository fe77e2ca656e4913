/**
 * What models and agents send while they stream, by protocol: each a list of pieces that a reader can tell apart, made of
 * given tokens. Ids and times are fixed, so that a test gets the same bytes each time.
 */
import { encodeFrame } from '../wire/frame-encoder';
import { encodeSseEvent } from '../wire/sse';

/** The protocols a {@link scriptedModel} speaks. */
export type ModelProtocol =
  /** `POST /v1/chat/completions` of OpenAI and all that are compatible with it. */
  | 'openai-chat'
  /** `POST /v1/responses` of OpenAI. */
  | 'openai-responses'
  /** `POST /v1/messages` of Anthropic. */
  | 'anthropic'
  /** `POST /model/<id>/converse-stream` of Amazon Bedrock. */
  | 'bedrock-converse'
  /** `POST /model/<id>/invoke-with-response-stream` of Amazon Bedrock, with Anthropic's events inside. */
  | 'bedrock-invoke'
  /** The UI message stream of the AI SDK. */
  | 'ai-sdk'
  /** Agent-user interaction protocol. */
  | 'ag-ui';

const CREATED = 1_795_348_800;

const data = (value: unknown): string => encodeSseEvent({ data: JSON.stringify(value) });
const named = (value: { readonly type: string; readonly [member: string]: unknown }): string =>
  encodeSseEvent({ event: value.type, data: JSON.stringify(value) });

/** @see https://platform.openai.com/docs/api-reference/chat-streaming */
function openAiChat(tokens: readonly string[], model: string): string[] {
  const chunk = (delta: object, finish_reason: string | null) =>
    data({
      id: 'chatcmpl-1',
      object: 'chat.completion.chunk',
      created: CREATED,
      model,
      choices: [{ index: 0, delta, finish_reason }],
    });
  return [
    chunk({ role: 'assistant', content: '' }, null),
    ...tokens.map((content) => chunk({ content }, null)),
    chunk({}, 'stop'),
    encodeSseEvent({ data: '[DONE]' }),
  ];
}

/** @see https://platform.openai.com/docs/api-reference/responses-streaming */
function openAiResponses(tokens: readonly string[], model: string): string[] {
  const text = tokens.join('');
  const place = { item_id: 'msg_1', output_index: 0, content_index: 0 };
  const part = { type: 'output_text', text, annotations: [], logprobs: [] };
  const item = { id: 'msg_1', type: 'message', role: 'assistant', status: 'completed', content: [part] };
  const response = {
    id: 'resp_1',
    object: 'response',
    created_at: CREATED,
    model,
    status: 'in_progress',
    error: null,
    incomplete_details: null,
    output: [] as unknown[],
  };
  const usage = {
    input_tokens: 1,
    output_tokens: tokens.length,
    total_tokens: tokens.length + 1,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens_details: { reasoning_tokens: 0 },
  };
  return [
    { type: 'response.created', response },
    { type: 'response.output_item.added', output_index: 0, item: { ...item, status: 'in_progress', content: [] } },
    { type: 'response.content_part.added', ...place, part: { ...part, text: '' } },
    ...tokens.map((delta) => ({ type: 'response.output_text.delta', ...place, delta, logprobs: [] })),
    { type: 'response.output_text.done', ...place, text, logprobs: [] },
    { type: 'response.content_part.done', ...place, part },
    { type: 'response.output_item.done', output_index: 0, item },
    { type: 'response.completed', response: { ...response, status: 'completed', output: [item], usage } },
  ].map((event, sequence_number) => named({ ...event, sequence_number }));
}

/** @see https://docs.claude.com/en/docs/build-with-claude/streaming */
function anthropicEvents(tokens: readonly string[], model: string): { readonly type: string }[] {
  const message = {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: { input_tokens: 1, output_tokens: 1 },
  };
  return [
    { type: 'message_start', message },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    ...tokens.map((text) => ({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } })),
    { type: 'content_block_stop', index: 0 },
    {
      type: 'message_delta',
      delta: { stop_reason: 'end_turn', stop_sequence: null },
      usage: { output_tokens: tokens.length },
    },
    { type: 'message_stop' },
  ] as { readonly type: string }[];
}

const frame = (type: string, body: object): Uint8Array =>
  encodeFrame(
    { ':event-type': type, ':content-type': 'application/json', ':message-type': 'event' },
    Buffer.from(JSON.stringify(body)),
  );

/** @see https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html */
function bedrockConverse(tokens: readonly string[]): Uint8Array[] {
  const outputTokens = tokens.length;
  return [
    frame('messageStart', { role: 'assistant' }),
    ...tokens.map((text) => frame('contentBlockDelta', { contentBlockIndex: 0, delta: { text } })),
    frame('contentBlockStop', { contentBlockIndex: 0 }),
    frame('messageStop', { stopReason: 'end_turn' }),
    frame('metadata', {
      usage: { inputTokens: 1, outputTokens, totalTokens: outputTokens + 1 },
      metrics: { latencyMs: 1 },
    }),
  ];
}

/** @see https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InvokeModelWithResponseStream.html */
const bedrockInvoke = (tokens: readonly string[], model: string): Uint8Array[] =>
  anthropicEvents(tokens, model).map((event) =>
    frame('chunk', { bytes: Buffer.from(JSON.stringify(event)).toString('base64') }),
  );

/** @see https://ai-sdk.dev/docs/ai-sdk-ui/stream-protocol */
const aiSdk = (tokens: readonly string[]): string[] => [
  ...[
    { type: 'start', messageId: 'msg-1' },
    { type: 'start-step' },
    { type: 'text-start', id: '0' },
    ...tokens.map((delta) => ({ type: 'text-delta', id: '0', delta })),
    { type: 'text-end', id: '0' },
    { type: 'finish-step' },
    { type: 'finish', finishReason: 'stop' },
  ].map(data),
  encodeSseEvent({ data: '[DONE]' }),
];

/** @see https://docs.ag-ui.com/concepts/events */
const agUi = (tokens: readonly string[]): string[] =>
  [
    { type: 'RUN_STARTED', threadId: 'thread-1', runId: 'run-1' },
    { type: 'TEXT_MESSAGE_START', messageId: 'msg-1', role: 'assistant' },
    ...tokens.map((delta) => ({ type: 'TEXT_MESSAGE_CONTENT', messageId: 'msg-1', delta })),
    { type: 'TEXT_MESSAGE_END', messageId: 'msg-1' },
    { type: 'RUN_FINISHED', threadId: 'thread-1', runId: 'run-1' },
  ].map(data);

/** The pieces of a whole answer that says `tokens`: events or frames, in their order. */
export function modelPieces(
  protocol: ModelProtocol,
  tokens: readonly string[],
  model = 'scripted',
): (string | Uint8Array)[] {
  switch (protocol) {
    case 'openai-chat':
      return openAiChat(tokens, model);
    case 'openai-responses':
      return openAiResponses(tokens, model);
    case 'anthropic':
      return anthropicEvents(tokens, model).map(named);
    case 'bedrock-converse':
      return bedrockConverse(tokens);
    case 'bedrock-invoke':
      return bedrockInvoke(tokens, model);
    case 'ai-sdk':
      return aiSdk(tokens);
    case 'ag-ui':
      return agUi(tokens);
  }
}

/** Headers of an answer in `protocol`. */
export function modelHeaders(protocol: ModelProtocol): Record<string, string> {
  if (protocol.startsWith('bedrock')) return { 'content-type': 'application/vnd.amazon.eventstream' };
  const events = { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' };
  return protocol === 'ai-sdk' ? { ...events, 'x-vercel-ai-ui-message-stream': 'v1' } : events;
}
