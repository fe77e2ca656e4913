import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js';
import * as z from 'zod';

function createServer(): McpServer {
  const server = new McpServer({ name: 'stock', version: '1.0.0' });
  server.registerTool(
    'count_stock',
    { description: 'Counts what is on a shelf', inputSchema: { shelf: z.string().describe('such as A7') } },
    async ({ shelf }, { sendNotification, _meta }) => {
      for (let progress = 1; progress <= 3; progress++) {
        await new Promise((resolve) => setTimeout(resolve, 50));
        if (_meta?.progressToken === undefined) continue;
        const params = { progressToken: _meta.progressToken, progress, total: 3 };
        await sendNotification({ method: 'notifications/progress', params });
      }
      return { content: [{ type: 'text', text: `There are 12 boxes on shelf ${shelf}.` }] };
    },
  );
  return server;
}

/**
 * Streamable HTTP without sessions: a server and a transport for each request, because the next one may be served by
 * another execution environment. The long GET of the protocol would be billed for as long as it stays open: 405.
 */
export async function mcp(request: Request): Promise<Response> {
  if (request.method !== 'POST') return new Response(null, { status: 405, headers: { allow: 'POST' } });
  const transport = new WebStandardStreamableHTTPServerTransport();
  await createServer().connect(transport);
  return transport.handleRequest(request);
}
