/** An engine for DynamoDB on 127.0.0.1, as users of the local target start it. */
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

// The package has no types.
const dynalite: (options: object) => Server = require('dynalite');

export async function startDynalite(): Promise<{ readonly url: string; stop(): void }> {
  const server = dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, stop: () => void server.close() };
}
