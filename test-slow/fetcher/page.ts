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

/** The same script is that of a worker, which is told what to call by a message. */
interface WorkerScope {
  onmessage: (event: { readonly data: readonly [url: string, sign: Sign] }) => Promise<void>;
  postMessage(message: object): void;
}

const scope = globalThis as unknown as WorkerScope;
Object.assign(scope, { callPage });
scope.onmessage = async ({ data: [url, sign] }) => scope.postMessage(await callPage(url, sign));
