import { streamHandler } from 'cdk-lambda-streaming/handler';
import { words } from './words-contract.mjs';

export const handler = streamHandler(words, async function* (input) {
  for (const word of input.words) yield { word };
  return { count: input.words.length };
});
