/**
 * Stock clients against streams that are cut at every place: prints one JSON line for each read, with what came of it.
 * Arguments: the base URL, the way of failing (`error`, `exit`, `end`), and the number of places.
 */

import { HttpAgent } from '@ag-ui/client';
import { createOpenAI } from '@ai-sdk/openai';
import Anthropic from '@anthropic-ai/sdk';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { createTRPCClient, httpBatchStreamLink } from '@trpc/client';
import { AbstractChat, DefaultChatTransport, streamText } from 'ai';
import { EventSource } from 'eventsource';
import OpenAI from 'openai';

const [base, how, places] = process.argv.slice(2);

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
class Chat extends AbstractChat {}

const messages = [{ role: 'user', content: 'hi' }];
const openai = (baseURL) => new OpenAI({ baseURL, apiKey: 'k', maxRetries: 0 });
const anthropic = (baseURL) => new Anthropic({ baseURL, apiKey: 'k', maxRetries: 0 });
const provider = (baseURL) => createOpenAI({ baseURL, apiKey: 'k' });

async function textOf(model) {
  let failure;
  const result = streamText({ model, prompt: 'hi', maxRetries: 0, onError: ({ error }) => (failure = error) });
  let text = '';
  for await (const part of result.textStream) text += part;
  if (failure) throw failure;
  return text;
}

/** What each client makes of the answer under `url`: a value that says all of it, or a rejection. */
const CLIENTS = {
  'ai useChat': [
    'ai-sdk',
    async (url) => {
      const state = new State();
      const chat = new Chat({ state, transport: new DefaultChatTransport({ api: url }), generateId: () => 'id' });
      await chat.sendMessage({ text: 'hi' });
      if (state.error) throw state.error;
      return state.messages.at(-1).parts;
    },
  ],
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
      const agent = new HttpAgent({ url, threadId: 'thread-1' });
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
  mcp: [
    'mcp',
    async (url) => {
      const client = new Client({ name: 'c', version: '1' });
      const transport = new StreamableHTTPClientTransport(new URL(url));
      try {
        await client.connect(transport);
        const { content } = await client.callTool({ name: 'say', arguments: {} }, undefined, { timeout: 20_000 });
        return content;
      } finally {
        await client.close();
      }
    },
  ],
  'trpc jsonl': [
    'trpc',
    async (url) => {
      const client = createTRPCClient({ links: [httpBatchStreamLink({ url })] });
      const words = [];
      for await (const word of await client.words.query()) words.push(word);
      return words;
    },
  ],
  EventSource: [
    'openai-chat',
    (url) =>
      new Promise((resolve, reject) => {
        const source = new EventSource(url);
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
      value: JSON.stringify(await run(`${base}/${protocol}/${how}/${at}/${name === 'trpc jsonl' ? '' : 'v1'}`)),
    };
  } catch (error) {
    return { error: String(error?.message ?? error) };
  }
}

for (const [name, [protocol]] of Object.entries(CLIENTS)) {
  const whole = await read(name, 'whole');
  console.log(JSON.stringify({ name, at: 'whole', outcome: whole.error ? 'threw' : 'whole', detail: whole.error }));
  const places_ = (await (await fetch(`${base}/${protocol}/places/${places}`)).json()).places;
  for (const at of places_) {
    const { value, error } = await read(name, at);
    const outcome = error === undefined ? (value === whole.value ? 'whole' : 'silent') : 'threw';
    console.log(JSON.stringify({ name, at, outcome, detail: error ?? value }));
  }
}
process.exit(0);
