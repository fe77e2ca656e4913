/** Runs in the browser: one call, and what became of it as plain data. */
import { isStreamError, type Sign, streamFetcher } from 'cdk-lambda-streaming/fetcher';
import { chat } from '../../test/fetcher/support/contracts';

interface Hooks {
  onToken?(token: string): Promise<void>;
}

async function callPage(url: string, sign: Sign, abortAfter?: number): Promise<object> {
  const control = new AbortController();
  const tokens: string[] = [];
  try {
    const stream = await streamFetcher(chat, { url, sign, timeouts: { idleMs: 15_000 } }).invoke(
      { prompt: 'grüß' },
      { signal: control.signal },
    );
    for await (const { token } of stream) {
      tokens.push(token);
      if (tokens.length === abortAfter) control.abort();
      await (globalThis as Hooks).onToken?.(token);
    }
    const { final, requestId } = await stream.result;
    return { tokens, final, requestId };
  } catch (error) {
    if (!isStreamError(error)) throw error;
    const { name, message } = error;
    return { tokens, error: { ...error, name, message, cause: undefined } };
  }
}

Object.assign(globalThis, { callPage });

// The same script is that of a worker, which is told what to call by a message.
addEventListener('message', (event) => {
  const { data } = event as unknown as { readonly data?: readonly [url: string, sign: Sign] };
  const reply = (globalThis as unknown as { postMessage(message: object): void }).postMessage;
  if (data !== undefined) void callPage(...data).then((outcome) => reply(outcome));
});
