/**
 * Stock clients against streams that are cut at every place: prints one JSON line for each read, with what came of it.
 * Arguments: the base URL, the way of failing (`error`, `exit`, `end`), the number of places beside the ends of events,
 * the fetch that the clients get (`plain`, `whole`, `invoke`), the endpoint and the function that it invokes, and the one client to run, else all.
 */

import { HttpAgent } from '@ag-ui/client';
import { createOpenAI } from '@ai-sdk/openai';
import Anthropic from '@anthropic-ai/sdk';
import { Client as Client2, StreamableHTTPClientTransport as Transport2 } from '@modelcontextprotocol/client';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { createTRPCClient, httpBatchStreamLink, httpSubscriptionLink } from '@trpc/client';
import * as ai6 from 'ai';
import * as ai7 from 'ai7';
import { EventSource } from 'eventsource';
import OpenAI from 'openai';
import { invokeFetch, LambdaClient, wholeFetch } from './fetches.mjs';

const [base, how, places, kind, endpoint, functionName, only] = process.argv.slice(2);

const credentials = { accessKeyId: 'AKIATEST', secretAccessKey: 'secret-of-the-test' };
const FETCHES = {
  plain: () => undefined,
  whole: () => wholeFetch(),
  invoke: () =>
    invokeFetch({
      functionName,
      client: new LambdaClient({ endpoint, region: 'eu-west-1', credentials, maxAttempts: 1 }),
    }),
};
const fetch_ = FETCHES[kind]();
/** Clients of MCP wait for an answer as long as this, where a stream only breaks off. */
const MCP_TIMEOUT = { timeout: how === 'exit' ? 2_500 : 20_000 };

// AG-UI's client leaves rejections behind that nobody can catch; they are counted, and are no silence.
process.on('unhandledRejection', () => undefined);

class State {
  status = 'ready';
  error = undefined;
  messages = [];
  pushMessage = (message) => this.messages.push(message);
  popMessage = () => this.messages.pop();
  replaceMessage = (at, message) => this.messages.splice(at, 1, message);
  snapshot = (value) => structuredClone(value);
}

const useChat =
  ({ AbstractChat, DefaultChatTransport }) =>
  async (url) => {
    class Chat extends AbstractChat {}
    const state = new State();
    const transport = new DefaultChatTransport({ api: url, fetch: fetch_ });
    const chat = new Chat({ state, transport, generateId: () => 'id' });
    await chat.sendMessage({ text: 'hi' });
    if (state.error) throw state.error;
    return state.messages.at(-1).parts;
  };

const callTool = async (client, transport, call) => {
  try {
    await client.connect(transport);
    const { content } = await call();
    return content;
  } finally {
    await client.close();
  }
};

const messages = [{ role: 'user', content: 'hi' }];
const openai = (baseURL) => new OpenAI({ baseURL, apiKey: 'k', maxRetries: 0, fetch: fetch_ });
const anthropic = (baseURL) => new Anthropic({ baseURL, apiKey: 'k', maxRetries: 0, fetch: fetch_ });
const provider = (baseURL) => createOpenAI({ baseURL, apiKey: 'k', fetch: fetch_ });

async function textOf(model) {
  let failure;
  const result = ai6.streamText({ model, prompt: 'hi', maxRetries: 0, onError: ({ error }) => (failure = error) });
  let text = '';
  for await (const part of result.textStream) text += part;
  if (failure) throw failure;
  return text;
}

/** What each client makes of the answer under `url`: a value that says all of it, or a rejection. */
const CLIENTS = {
  'ai 6 useChat': ['ai-sdk', useChat(ai6)],
  'ai 7 useChat': ['ai-sdk', useChat(ai7)],
  'openai chat, iterated': [
    'openai-chat',
    async (url) => {
      const chunks = [];
      for await (const chunk of await openai(url).chat.completions.create({ model: 'm', messages, stream: true }))
        chunks.push(chunk);
      return chunks;
    },
  ],
  'openai chat, final': [
    'openai-chat',
    (url) => openai(url).chat.completions.stream({ model: 'm', messages }).finalChatCompletion(),
  ],
  'openai responses, iterated': [
    'openai-responses',
    async (url) => {
      const events = [];
      for await (const event of await openai(url).responses.create({ model: 'm', input: 'hi', stream: true }))
        events.push(event);
      return events;
    },
  ],
  'openai responses, final': [
    'openai-responses',
    (url) => openai(url).responses.stream({ model: 'm', input: 'hi' }).finalResponse(),
  ],
  'anthropic, iterated': [
    'anthropic',
    async (url) => {
      const events = [];
      for await (const event of await anthropic(url).messages.create({
        model: 'm',
        max_tokens: 9,
        messages,
        stream: true,
      }))
        events.push(event);
      return events;
    },
  ],
  'anthropic, final': [
    'anthropic',
    (url) => anthropic(url).messages.stream({ model: 'm', max_tokens: 9, messages }).finalMessage(),
  ],
  'ai streamText on openai chat': ['openai-chat', (url) => textOf(provider(url).chat('m'))],
  'ai streamText on openai responses': ['openai-responses', (url) => textOf(provider(url).responses('m'))],
  'ag-ui': [
    'ag-ui',
    async (url) => {
      const agent = new HttpAgent({ url, threadId: 'thread-1', fetch: fetch_ });
      // Where an app of this client hears of RUN_ERROR: the promise resolves all the same.
      let failure;
      const onRunErrorEvent = ({ event }) => {
        failure = new Error(event.message);
      };
      const { newMessages } = await agent.runAgent({ runId: 'run-1' }, { onRunErrorEvent });
      if (failure) throw failure;
      return newMessages;
    },
  ],
  'mcp 1': [
    'mcp',
    (url) => {
      const client = new Client({ name: 'c', version: '1' });
      return callTool(client, new StreamableHTTPClientTransport(new URL(url), { fetch: fetch_ }), () =>
        client.callTool({ name: 'say', arguments: {} }, undefined, MCP_TIMEOUT),
      );
    },
  ],
  'mcp 2': [
    'mcp',
    (url) => {
      const client = new Client2({ name: 'c', version: '1' });
      return callTool(client, new Transport2(new URL(url), { fetch: fetch_ }), () =>
        client.callTool({ name: 'say', arguments: {} }, MCP_TIMEOUT),
      );
    },
  ],
  'trpc jsonl': [
    'trpc',
    async (url) => {
      const client = createTRPCClient({ links: [httpBatchStreamLink({ url, fetch: fetch_ })] });
      const words = [];
      for await (const word of await client.words.query()) words.push(word);
      return words;
    },
  ],
  'trpc subscription': [
    'trpc-events',
    (url) =>
      new Promise((resolve, reject) => {
        const eventSourceOptions = { fetch: fetch_ };
        const link = httpSubscriptionLink({ url, EventSource, eventSourceOptions });
        const words = [];
        const subscription = createTRPCClient({ links: [link] }).said.subscribe(undefined, {
          onData: (word) => words.push(word),
          onComplete: () => resolve(words),
          onError: reject,
          // Where an app of this client hears of a stream that broke off; without this it connects again for ever.
          onConnectionStateChange({ state, error }) {
            if (state !== 'connecting' || !error) return;
            reject(error);
            subscription.unsubscribe();
          },
        });
      }),
  ],
  EventSource: [
    'openai-chat',
    (url) =>
      new Promise((resolve, reject) => {
        const source = new EventSource(url, { fetch: fetch_ });
        const seen = [];
        source.onmessage = ({ data }) => {
          seen.push(data);
          if (data !== '[DONE]') return;
          source.close();
          resolve(seen);
        };
        source.onerror = (error) => {
          source.close();
          reject(error);
        };
      }),
  ],
};

async function read(name, at) {
  const [protocol, run] = CLIENTS[name];
  try {
    return {
      value: JSON.stringify(await run(`${base}/${protocol}/${how}/${at}/${name.startsWith('trpc') ? '' : 'v1'}`)),
    };
  } catch (error) {
    return { error: String(error?.message ?? error) };
  }
}

async function readAt(name, at, whole) {
  const { value, error } = await read(name, at);
  const outcome = error === undefined ? (value === whole.value ? 'whole' : 'silent') : 'threw';
  console.log(JSON.stringify({ name, at, outcome, detail: error ?? value }));
}

async function readAll([name, [protocol]]) {
  const whole = await read(name, 'whole');
  console.log(JSON.stringify({ name, at: 'whole', outcome: whole.error ? 'threw' : 'whole', detail: whole.error }));
  const answer = await (fetch_ ?? fetch)(`${base}/${protocol}/places/${places}/${how}`);
  for (const at of (await answer.json()).places) await readAt(name, at, whole);
}

// Two at a time: MCP's wait for their timeout where the others work.
const waiting = Object.entries(CLIENTS).filter(([name]) => !only || name === only);
const work = async () => {
  for (let next = waiting.shift(); next; next = waiting.shift()) await readAll(next);
};
await Promise.all([work(), work()]);
process.exit(0);
