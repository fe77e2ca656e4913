/** The function at the end of the chain. */
import { streamHandler } from 'cdk-lambda-streaming/handler';
import { model } from './contracts';

export const handler = streamHandler(model, async function* ({ prompt }, context) {
  const words = prompt.split(' ');
  for (const token of words) {
    if (token === 'forbidden') throw context.error('Refused', 'this word is not for you', { data: { token } });
    yield { token };
  }
  return { tokens: words.length };
});
