import { createOpenAI } from '@ai-sdk/openai';
import { convertToModelMessages, streamText, type UIMessage } from 'ai';
import { webHandler } from 'cdk-lambda-streaming/web';

/** Any provider of the AI SDK will do. This one reads OPENAI_BASE_URL and OPENAI_API_KEY. */
const openai = createOpenAI();

export const handler = webHandler(async (request) => {
  if (request.method !== 'POST') return new Response('POST the messages of a chat\n', { status: 405 });
  const { messages } = (await request.json()) as { messages: UIMessage[] };
  const result = streamText({
    model: openai.chat('gpt-5-mini'),
    system: 'You answer in one sentence.',
    messages: await convertToModelMessages(messages),
    abortSignal: request.signal, // at the deadline
  });
  return result.toUIMessageStreamResponse();
});
