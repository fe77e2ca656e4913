/**
 * Measures what the front ends add to a warm call, and how long 200 streams that start at once take to their first byte. Run
 * with `npx tsx --tsconfig test/tsconfig.json bench/local/doors.ts` on a quiet machine.
 */
import { loadavg } from 'node:os';
import { performance } from 'node:perf_hooks';
import * as apigateway from 'aws-cdk-lib/aws-apigateway';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import { FunctionUrlOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { CfnOutput } from 'aws-cdk-lib/core';
import { frontEndApp, open } from '../../test/local/front-ends/front-end-app';

const HANDLER = `async () => ({ statusCode: 200, body: 'hello' })`;
const STREAMS = 200;

async function drained(url: string): Promise<void> {
  const response = await open(url);
  if (response.statusCode !== 200) throw new Error(`${url} answered ${response.statusCode}`);
  for await (const _ of response);
}

async function median(url: string, times: number): Promise<number> {
  const values: number[] = [];
  for (let i = 0; i < times; i++) {
    const start = performance.now();
    await drained(url);
    values.push(performance.now() - start);
  }
  return values.sort((one, other) => one - other)[Math.floor(times / 2)] ?? Number.NaN;
}

async function firstBytes(url: string): Promise<number> {
  const start = performance.now();
  const times = await Promise.all(
    Array.from({ length: STREAMS }, async () => {
      const response = await open(url);
      await new Promise((resolve) => response.once('data', resolve));
      const time = performance.now() - start;
      for await (const _ of response);
      return time;
    }),
  );
  return Math.max(...times);
}

async function main(): Promise<void> {
  const app = await frontEndApp(
    ({ stack, fn }) => {
      const output = (id: string, value: string) => new CfnOutput(stack, id, { value });
      const { IAM, NONE } = { IAM: lambda.FunctionUrlAuthType.AWS_IAM, NONE: lambda.FunctionUrlAuthType.NONE };
      output('Plain', fn('PlainFn', HANDLER).addFunctionUrl({ authType: NONE }).url);
      output('Cold', fn('ColdFn', HANDLER).addFunctionUrl({ authType: NONE }).url);
      output('Rest', new apigateway.LambdaRestApi(stack, 'Api', { handler: fn('RestFn', HANDLER) }).url);
      const edgeFn = fn('EdgeFn', HANDLER);
      const behind = edgeFn.addFunctionUrl({ authType: IAM });
      edgeFn.addPermission('Invoke', {
        principal: new iam.ServicePrincipal('cloudfront.amazonaws.com'),
        action: 'lambda:InvokeFunction',
      });
      const origin = FunctionUrlOrigin.withOriginAccessControl(behind);
      const edge = new cloudfront.Distribution(stack, 'Edge', { defaultBehavior: { origin } });
      output('Cdn', `https://${edge.distributionDomainName}/`);
    },
    { maxConcurrency: Number.POSITIVE_INFINITY },
  );
  try {
    const url = app.output('Plain');
    for (const name of ['Plain', 'Rest', 'Cdn']) await median(app.output(name), 50);
    const [plain, rest, cdn] = [
      await median(url, 300),
      await median(app.output('Rest'), 300),
      await median(app.output('Cdn'), 300),
    ];
    console.log(`load ${loadavg()[0]?.toFixed(1)} on this machine`);
    console.log(
      `warm call: URL ${plain.toFixed(2)} ms, REST ${(rest - plain).toFixed(2)} ms more, CloudFront ${(cdn - plain).toFixed(2)} ms more`,
    );
    console.log(
      `last first byte of ${STREAMS} calls that start at once, cold: ${Math.round(await firstBytes(app.output('Cold')))} ms`,
    );
    console.log(`the same, warm: ${Math.round(await firstBytes(app.output('Cold')))} ms`);
  } finally {
    await app.stop();
  }
}

void main();
