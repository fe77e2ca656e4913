/**
 * The server that the MCP conformance runner wants, without sessions, as a fetch function. Sampling and elicitation are not
 * here: their answers come by other requests, which a server without sessions cannot match.
 */
import { McpServer, ResourceTemplate } from '@modelcontextprotocol/sdk/server/mcp.js';
import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js';
import {
  CompleteRequestSchema,
  SetLevelRequestSchema,
  SubscribeRequestSchema,
  UnsubscribeRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';
import * as z from 'zod';

const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==';
const WAV = 'UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQAAAAA=';

const pause = () => new Promise((resolve) => setTimeout(resolve, 50));
const text = (text) => ({ type: 'text', text });
const image = { type: 'image', data: PIXEL, mimeType: 'image/png' };
const resource = (uri, text) => ({ type: 'resource', resource: { uri, mimeType: 'text/plain', text } });

const CONTENT = {
  test_simple_text: [text('This is a simple text response for testing.')],
  test_image_content: [image],
  test_audio_content: [{ type: 'audio', data: WAV, mimeType: 'audio/wav' }],
  test_embedded_resource: [resource('test://embedded-resource', 'This is an embedded resource content.')],
  test_multiple_content_types: [text('Several contents:'), image, resource('test://mixed-content-resource', '{}')],
};

function addTools(server) {
  for (const [name, content] of Object.entries(CONTENT)) {
    server.registerTool(name, { description: name }, () => ({ content }));
  }
  server.registerTool('test_error_handling', { description: 'Fails' }, () => {
    throw new Error('This tool intentionally returns an error for testing');
  });
  server.registerTool('test_tool_with_logging', { description: 'Logs' }, async ({ sendNotification }) => {
    for (const data of ['Tool execution started', 'Tool processing data', 'Tool execution completed']) {
      await sendNotification({ method: 'notifications/message', params: { level: 'info', data } });
      await pause();
    }
    return { content: [text('done')] };
  });
  server.registerTool('test_tool_with_progress', { description: 'Progresses' }, async ({ _meta, sendNotification }) => {
    for (const progress of [0, 50, 100]) {
      const params = { progressToken: _meta?.progressToken ?? 0, progress, total: 100 };
      await sendNotification({ method: 'notifications/progress', params });
      await pause();
    }
    return { content: [text('done')] };
  });
}

function addResources(server) {
  const plain = { mimeType: 'text/plain' };
  const read = (text) => (uri) => ({ contents: [{ uri: uri.href, ...plain, text }] });
  server.registerResource(
    'text',
    'test://static-text',
    plain,
    read('This is the content of the static text resource.'),
  );
  server.registerResource('watched', 'test://watched-resource', plain, read('Watched'));
  server.registerResource('binary', 'test://static-binary', { mimeType: 'image/png' }, (uri) => ({
    contents: [{ uri: uri.href, mimeType: 'image/png', blob: PIXEL }],
  }));
  const template = new ResourceTemplate('test://template/{id}/data', { list: undefined });
  server.registerResource('template', template, plain, (uri, { id }) => read(JSON.stringify({ id }))(uri));
}

function addPrompts(server) {
  const user = (content) => ({ role: 'user', content });
  server.registerPrompt('test_simple_prompt', { description: 'Simple' }, () => ({
    messages: [user(text('This is a simple prompt.'))],
  }));
  server.registerPrompt(
    'test_prompt_with_arguments',
    { description: 'With arguments', argsSchema: { arg1: z.string(), arg2: z.string() } },
    ({ arg1, arg2 }) => ({ messages: [user(text(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`))] }),
  );
  server.registerPrompt(
    'test_prompt_with_embedded_resource',
    { description: 'With a resource', argsSchema: { resourceUri: z.string() } },
    ({ resourceUri }) => ({ messages: [user(resource(resourceUri, 'Embedded')), user(text('Process it.'))] }),
  );
  server.registerPrompt('test_prompt_with_image', { description: 'With an image' }, () => ({
    messages: [user(image), user(text('Look.'))],
  }));
}

function createServer() {
  const capabilities = { logging: {}, completions: {}, resources: { subscribe: true } };
  const server = new McpServer({ name: 'everything', version: '1.0.0' }, { capabilities });
  addTools(server);
  addResources(server);
  addPrompts(server);
  server.server.setRequestHandler(CompleteRequestSchema, () => ({ completion: { values: ['test'], hasMore: false } }));
  for (const schema of [SetLevelRequestSchema, SubscribeRequestSchema, UnsubscribeRequestSchema]) {
    server.server.setRequestHandler(schema, () => ({}));
  }
  return server;
}

export async function mcp(request) {
  if (request.method !== 'POST') return new Response(null, { status: 405, headers: { allow: 'POST' } });
  // What the runner asks of servers on localhost: the host is the one that the client named.
  const { hostname } = new URL(`http://${request.headers.get('host')}`);
  if (hostname !== '127.0.0.1') return new Response(`unknown host ${hostname}`, { status: 403 });
  const transport = new WebStandardStreamableHTTPServerTransport();
  await createServer().connect(transport);
  return transport.handleRequest(request);
}
