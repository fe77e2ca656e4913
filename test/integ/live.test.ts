/**
 * The integ apps, deployed and called: on this machine, or with `STREAM_TARGET=aws` on the accounts the credentials are for.
 * The front ends app needs API Gateway and CloudFront, and the web adapter's function its layer: neither runs on this machine.
 */
import { StreamTarget, streamInvoker } from 'cdk-lambda-streaming/invoker';
import { deployStreamTestStack, type StreamTestDeployment } from 'cdk-lambda-streaming/testing';
import { chat } from '../../integ/handlers/chat-contract';
import { synthesize } from './integ-apps';

jest.setTimeout(process.env['STREAM_TARGET'] === 'aws' ? 900_000 : 60_000);

const PROMPT = { prompt: 'one two three', pauseMs: 0 };

let deployed: StreamTestDeployment | undefined;
afterEach(async () => {
  await deployed?.stop();
  deployed = undefined;
});

/** An invoker of the alias that a stack's output names, as the role that another output names. */
function invokerOf(stack: string, output: RegExp, caller: string | undefined) {
  if (!deployed) throw new Error('nothing is deployed');
  const outputs = Object.entries(deployed.outputs(stack));
  const target = StreamTarget.fromOutputs(Object.fromEntries(outputs.filter(([name]) => output.test(name))));
  return streamInvoker(chat, { target, clientConfig: deployed.clientConfig({ as: caller ?? '' }) });
}

async function tokensFrom(invoker: ReturnType<typeof invokerOf>): Promise<string[]> {
  const stream = await invoker.invoke(PROMPT);
  const tokens: string[] = [];
  for await (const { token } of stream) tokens.push(token);
  expect((await stream.result).final).toEqual({ tokens: tokens.length });
  return tokens;
}

test('integ.basic streams to the role it is granted to', async () => {
  deployed = await deployStreamTestStack({ assembly: synthesize('basic') });
  const { CallerArn } = deployed.outputs('StreamBasic');
  expect(await tokensFrom(invokerOf('StreamBasic', /Aliaslive/, CallerArn))).toEqual(['one', 'two', 'three']);
});

test('integ.cross-account streams to the role of the other account, by the alias that both sides allow', async () => {
  deployed = await deployStreamTestStack({ assembly: synthesize('cross-account') });
  const { CallerArn } = deployed.outputs('StreamCallers');
  expect(await tokensFrom(invokerOf('StreamProvider', /Aliaslive/, CallerArn))).toEqual(['one', 'two', 'three']);
  const partners = invokerOf('StreamProvider', /partners/, CallerArn);
  expect(await partners.dryRun()).toMatchObject({ allowed: false }); // its account allows the other alias only
  await expect(partners.invoke(PROMPT)).rejects.toMatchObject({ code: 'ACCESS_DENIED' });
});

test('integ.rollout streams from both aliases', async () => {
  deployed = await deployStreamTestStack({ assembly: synthesize('rollout') });
  const { CallerArn } = deployed.outputs('StreamRollout');
  expect(await tokensFrom(invokerOf('StreamRollout', /Aliaslive/, CallerArn))).toHaveLength(3);
  expect(await tokensFrom(invokerOf('StreamRollout', /preview/, CallerArn))).toHaveLength(3);
});
