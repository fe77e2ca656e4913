import { webHandler } from 'cdk-lambda-streaming/web';
import type { ChatCompletionChunk, ChatCompletionCreateParams } from 'openai/resources/chat/completions';

/** The agent: put yours here. This one says what it was told, word by word. */
async function* answer({ messages }: ChatCompletionCreateParams): AsyncGenerator<string> {
  const { content } = messages.at(-1) ?? {};
  for (const word of `You said: ${typeof content === 'string' ? content : 'something'}`.split(/(?<= )/)) {
    if (word.startsWith('unspeakable')) throw new Error('there is no word for it');
    yield word;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function* chunks(params: ChatCompletionCreateParams): AsyncGenerator<ChatCompletionChunk> {
  const id = `chatcmpl-${crypto.randomUUID()}`;
  const created = Math.floor(Date.now() / 1000);
  type Choice = ChatCompletionChunk['choices'][number];
  const chunk = (delta: Choice['delta'], finish_reason: Choice['finish_reason'] = null): ChatCompletionChunk => ({
    id,
    object: 'chat.completion.chunk',
    created,
    model: params.model,
    choices: [{ index: 0, delta, finish_reason }],
  });
  yield chunk({ role: 'assistant', content: '' });
  for await (const content of answer(params)) yield chunk({ content });
  yield chunk({}, 'stop');
}

async function whole(params: ChatCompletionCreateParams): Promise<object> {
  let content = '';
  for await (const word of answer(params)) content += word;
  const choice = { index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' };
  const created = Math.floor(Date.now() / 1000);
  return {
    id: `chatcmpl-${crypto.randomUUID()}`,
    object: 'chat.completion',
    created,
    model: params.model,
    choices: [choice],
  };
}

/** A chunk is made when there is room for it; where `answer` throws, the stream fails, and the client is told. */
function events(source: AsyncGenerator<ChatCompletionChunk>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await source.next();
      controller.enqueue(encoder.encode(`data: ${done ? '[DONE]' : JSON.stringify(value)}\n\n`));
      if (done) controller.close();
    },
    cancel: async () => {
      await source.return(undefined);
    },
  });
}

const refusal = (status: number, message: string) =>
  Response.json({ error: { message, type: 'invalid_request_error', code: null, param: null } }, { status });

export const handler = webHandler(async (request) => {
  const { pathname } = new URL(request.url);
  if (pathname === '/v1/models') {
    return Response.json({ object: 'list', data: [{ id: 'echo', object: 'model', created: 0, owned_by: 'me' }] });
  }
  if (pathname !== '/v1/chat/completions' || request.method !== 'POST') {
    return refusal(404, `there is no ${request.method} ${pathname}`);
  }
  const params = (await request.json()) as ChatCompletionCreateParams;
  if (!Array.isArray(params.messages)) return refusal(400, `'messages' must be a list, got ${typeof params.messages}`);
  if (!params.stream) return Response.json(await whole(params));
  return new Response(events(chunks(params)), {
    headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' },
  });
});
