/** A streaming function that calls another one through the invoker, and hands on what it streams. */
import { join } from 'node:path';
import type { App } from 'aws-cdk-lib/core';
import { StreamingFunction } from 'cdk-lambda-streaming';
import { isStreamError, streamInvoker } from 'cdk-lambda-streaming/invoker';
import type { LocalTarget } from 'cdk-lambda-streaming/local';
import { gateway } from './chain/contracts';
import { OWNER, onLocal, role, roleArn, twoStacks } from './local-two-accounts';

const AS = roleArn(OWNER.account, 'User');

/** Two functions and a user, who may call the first alone. */
function chain({ granted }: { readonly granted: boolean }) {
  return (app: App): void => {
    const { owner } = twoStacks(app);
    const model = new StreamingFunction(owner, 'Model', { entry: join(__dirname, 'chain/model.ts') });
    const front = new StreamingFunction(owner, 'Gateway', {
      functionName: 'gateway',
      entry: join(__dirname, 'chain/gateway.ts'),
      environment: { MODEL_ARN: model.liveAlias.functionArn },
    });
    if (granted) model.streamGrants.invoke(front);
    front.streamGrants.invoke(role(owner, 'User'));
  };
}

function call(local: LocalTarget, prompt: string) {
  const clientConfig = local.clientConfig({ as: AS });
  return streamInvoker(gateway, { functionName: 'gateway', qualifier: 'live', clientConfig }).invoke({
    prompt,
    user: 'Ada',
  });
}

test('the chunks and the final value of the second function arrive at the caller of the first', async () => {
  await onLocal(chain({ granted: true }), async (local) => {
    const stream = await call(local, 'all is well');
    const chunks = [];
    for await (const chunk of stream) chunks.push(chunk);
    expect(chunks).toEqual(['all', 'is', 'well'].map((token) => ({ for: 'Ada', token })));
    expect(await stream.result).toMatchObject({ final: { tokens: 3 } });
  });
});

test('an error of the second function, and its data, arrive after the chunks before it', async () => {
  await onLocal(chain({ granted: true }), async (local) => {
    const tokens: string[] = [];
    const reading = (async () => {
      for await (const { token } of await call(local, 'this is forbidden')) tokens.push(token);
    })();
    const error: unknown = await reading.catch((thrown: unknown) => thrown);
    expect(tokens).toEqual(['this', 'is']);
    expect(isStreamError(error, 'REMOTE')).toBe(true);
    expect(error).toMatchObject({
      errorType: 'Refused',
      errorMessage: 'this word is not for you',
      data: { token: 'forbidden' },
    });
  });
});

test('without a grant the second function refuses the role of the first, by name', async () => {
  await onLocal(chain({ granted: false }), async (local) => {
    const reading = (async () => {
      for await (const _ of await call(local, 'hello')) throw new Error('a chunk came');
    })();
    await expect(reading).rejects.toThrow(
      /assumed-role\/Owner-Gateway\w+.* is not authorized to perform: lambda:InvokeFunction/,
    );
  });
});
