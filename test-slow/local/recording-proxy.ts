/** Stands between a client and the local target, and writes down what is asked. The `Host` that was signed is passed on. */
import { createServer, request as httpRequest, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readS3Request } from '../../src/local/services/s3/s3-request';
import { readServiceCall } from '../../src/local/services/service-call';

export interface RecordingProxy {
  readonly url: string;
  /** What was asked since the last time, for example `sts GetCallerIdentity`. */
  take(): string[];
  stop(): Promise<void>;
}

export async function startRecordingProxy(target: string): Promise<RecordingProxy> {
  let asked: string[] = [];
  const { hostname, port } = new URL(target);
  const server = createServer((incoming, response) => {
    const pieces: Buffer[] = [];
    incoming.on('data', (piece: Buffer) => pieces.push(piece));
    incoming.on('end', () => {
      const body = Buffer.concat(pieces);
      asked.push(nameOf(incoming, body));
      const { headers, method, url: path } = incoming;
      const forwarded = httpRequest({ hostname, port, method, path, headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      });
      forwarded.on('error', () => response.destroy());
      forwarded.end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    take: () => {
      const taken = asked;
      asked = [];
      return taken;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function nameOf(request: IncomingMessage, body: Buffer): string {
  const { headers, method = '', url = '' } = request;
  const { operation, service } = readServiceCall({ method, url, headers, body });
  return service === 's3' ? `s3 ${readS3Request(request).operation}` : `${service} ${operation}`;
}
