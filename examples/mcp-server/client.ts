/** Calls the tool with the stock client, and shows its progress: `tsx client.ts <function URL>`. */
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { wholeFetch } from 'cdk-lambda-streaming/fetcher';

async function main(): Promise<void> {
  const client = new Client({ name: 'shop', version: '1.0.0' });
  await client.connect(new StreamableHTTPClientTransport(new URL(process.argv[2] ?? ''), { fetch: wholeFetch() }));
  const { tools } = await client.listTools();
  console.log('tools', tools.map(({ name }) => name).join(', '));
  const { content } = await client.callTool({ name: 'count_stock', arguments: { shelf: 'A7' } }, undefined, {
    onprogress: ({ progress, total }) => console.log('progress', progress, 'of', total),
  });
  console.log('result', JSON.stringify(content));
  await client.close();
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
