/** The Lambda function: reads a text aloud, one word after the other. */
import { setTimeout as pause } from 'node:timers/promises';
import { streamHandler } from 'cdk-lambda-streaming/handler';
import { reading } from './contract';
import { TEXT } from './text';

export const handler = streamHandler(reading, async function* ({ wordsPerSecond, ending }, ctx) {
  const words = TEXT.split(' ');
  for (const [index, word] of words.entries()) {
    if (index === 40 && ending === 'refused') {
      throw ctx.error('VoiceLost', 'the reader has lost its voice', { data: { wordsRead: index }, retryable: true });
    }
    // What a fault in native code or a full memory does: no error, no end, just gone.
    if (index === 40 && ending === 'crashed') process.exit(1);
    yield { word };
    await pause(1_000 / wordsPerSecond);
  }
  return { words: words.length };
});
