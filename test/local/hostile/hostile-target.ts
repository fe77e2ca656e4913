/** Run by hostile-fixture.ts: a target in a process of its own, so that whatever crashes it is seen. Obeys lines of its input. */
import { createInterface } from 'node:readline';
import { startLocal } from '../../../src/local';

async function main(assembly: string): Promise<void> {
  const local = await startLocal({
    port: 0,
    ssmParameters: { '/given': 'value' },
    services: {
      throwing: () => {
        throw new Error('no answer');
      },
      odd: () => ({ status: 'no number' }) as unknown as Response,
    },
  });
  const tell = (value: unknown) => process.stdout.write(`${JSON.stringify(value)}\n`);
  await local.deploy(assembly);
  const { credentials } = local.clientConfig({ as: 'arn:aws:iam::111111111111:root', region: 'eu-west-1' });
  const { expiration: _, ...keys } = credentials;
  tell({ endpoint: local.endpoint, outputs: local.outputs('Hostile'), credentials: keys });
  for await (const line of createInterface({ input: process.stdin })) {
    if (line === 'deploy') await Promise.all([1, 2, 3].map(() => local.deploy(assembly)));
    if (line === 'stop') await local.stop();
    tell({ done: line });
    if (line === 'stop') return;
  }
}

void main(process.argv[2] ?? '');
