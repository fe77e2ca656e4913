/** Run by target-process.ts: holds a stream of a running function open until the process is ended from outside. */

import { InvokeWithResponseStreamCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { type LocalTarget, startLocal } from '../../src/local';

async function main(assembly: string, endsItself: boolean): Promise<void> {
  let local: LocalTarget | undefined;
  if (endsItself) {
    process.once('SIGINT', () => {
      void local?.stop().then(() => process.exit(7));
    });
  }
  local = await startLocal();
  await local.deploy(assembly);
  const client = new LambdaClient(local.clientConfig({ as: 'arn:aws:iam::111111111111:root' }));
  const { EventStream } = await client.send(new InvokeWithResponseStreamCommand({ FunctionName: 'endless' }));
  for await (const { PayloadChunk } of EventStream ?? []) {
    const { pid, folder } = JSON.parse(Buffer.from(PayloadChunk?.Payload ?? []).toString()) as Record<string, unknown>;
    process.stdout.write(`${JSON.stringify({ pid, folder, port: new URL(local.endpoint).port })}\n`);
  }
}

main(process.argv[2] ?? '', process.argv[3] === 'ends-itself').catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 1;
});
