/** Streams a prompt back word by word: enough to see a stream arrive, with no service behind it. */
import { streamHandler } from 'cdk-lambda-streaming/handler';
import { chat } from './chat-contract';

export const handler = streamHandler(chat, async function* ({ prompt, pauseMs }) {
  const words = prompt.split(/\s+/).filter((word) => word !== '');
  for (const token of words) {
    yield { token };
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  return { tokens: words.length };
});
