/** A target in a process of its own that everybody may attack, and the means to do so. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import * as apigateway from 'aws-cdk-lib/aws-apigateway';
import * as apigatewayv2 from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as origins from 'aws-cdk-lib/aws-cloudfront-origins';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { App, CfnOutput, Duration, Stack } from 'aws-cdk-lib/core';
import type { Credentials } from '../http/sign-request';

export const REGION = 'eu-west-1';

const ECHO = `exports.handler = awslambda.streamifyResponse(async (event, stream, context) => {
  if (event.ask === 'environment') return stream.end(JSON.stringify(process.env));
  if (event.ask === 'stay') { stream.write('here'); await new Promise(() => setInterval(() => {}, 1000)); }
  stream.end(JSON.stringify({ event, clientContext: context.clientContext }));
});`;

/** The cloud assembly with every kind of front end. */
export function synthesize(outdir: string): string {
  const app = new App({ outdir });
  const stack = new Stack(app, 'Hostile', { env: { account: '111111111111', region: REGION } });
  const fn = new lambda.Function(stack, 'Echo', {
    functionName: 'echo',
    code: lambda.Code.fromInline(ECHO),
    handler: 'index.handler',
    runtime: lambda.Runtime.NODEJS_24_X,
    timeout: Duration.seconds(30),
  });
  const invokeMode = lambda.InvokeMode.RESPONSE_STREAM;
  const open = fn.addFunctionUrl({
    authType: lambda.FunctionUrlAuthType.NONE,
    invokeMode,
    cors: { allowedOrigins: ['*'] },
  });
  const closed = new lambda.Alias(stack, 'Closed', { aliasName: 'closed', version: fn.currentVersion });
  const signed = closed.addFunctionUrl({ authType: lambda.FunctionUrlAuthType.AWS_IAM, invokeMode });
  const rest = new apigateway.LambdaRestApi(stack, 'Rest', { handler: fn });
  const http = new apigatewayv2.HttpApi(stack, 'Http', { defaultIntegration: new HttpLambdaIntegration('All', fn) });
  const distribution = new cloudfront.Distribution(stack, 'Cdn', {
    defaultBehavior: { origin: origins.FunctionUrlOrigin.withOriginAccessControl(signed) },
  });
  const outputs = {
    Open: open.url,
    Signed: signed.url,
    RestApi: rest.url,
    HttpApi: http.apiEndpoint,
    Distribution: `https://${distribution.domainName}`,
  };
  for (const [name, value] of Object.entries(outputs)) new CfnOutput(stack, name, { value });
  return app.synth().directory;
}

export interface HostileTarget {
  readonly child: ChildProcess;
  readonly endpoint: string;
  readonly outputs: Readonly<Record<string, string>>;
  readonly credentials: Credentials;
  /** Ports of the API, of the services for functions, and of one Runtime API. */
  readonly ports: Readonly<Record<'api' | 'services' | 'runtime', number>>;
  /** Sends a line and waits until it was obeyed. */
  tell(line: 'deploy' | 'stop'): Promise<void>;
  /** Fails unless the process lives and the function answers. */
  expectAlive(): Promise<void>;
  /** Ends the process; gives what it printed to its standard error. */
  end(): Promise<string>;
}

export async function startTarget(assembly: string): Promise<HostileTarget> {
  const child = spawn(process.execPath, ['--import', 'tsx', join(__dirname, 'hostile-target.ts'), assembly], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, TSX_TSCONFIG_PATH: join(__dirname, '../../tsconfig.json') },
  });
  let errors = '';
  child.stderr.on('data', (text) => {
    errors += String(text);
  });
  const lines = createInterface({ input: child.stdout });
  const [first] = (await Promise.race([once(lines, 'line'), once(child, 'exit').then(() => [errors])])) as [string];
  const { endpoint, outputs, credentials } = JSON.parse(first) as Pick<
    HostileTarget,
    'endpoint' | 'outputs' | 'credentials'
  >;
  const client = new LambdaClient({ endpoint, region: REGION, credentials, maxAttempts: 1 });
  const invoke = async (event: unknown) => {
    const Payload = Buffer.from(JSON.stringify(event));
    const answer = await client.send(new InvokeCommand({ FunctionName: 'echo', Payload }));
    return JSON.parse(Buffer.from(answer.Payload ?? []).toString()) as Record<string, string>;
  };
  const { AWS_ENDPOINT_URL = '', AWS_LAMBDA_RUNTIME_API = '' } = await invoke({ ask: 'environment' });
  return {
    child,
    endpoint,
    outputs,
    credentials,
    ports: {
      api: Number(new URL(endpoint).port),
      services: Number(new URL(AWS_ENDPOINT_URL).port),
      runtime: Number(AWS_LAMBDA_RUNTIME_API.split(':')[1]),
    },
    tell: async (line) => {
      const obeyed = once(lines, 'line');
      child.stdin.write(`${line}\n`);
      await obeyed;
    },
    expectAlive: async () => {
      expect(await invoke({ alive: 'yes' })).toEqual({ event: { alive: 'yes' } });
      expect([child.exitCode, child.signalCode]).toEqual([null, null]);
    },
    end: async () => {
      client.destroy();
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      return errors;
    },
  };
}

export interface RawOptions {
  /** Sent one after the other, with a pause between. */
  readonly parts: readonly (string | Buffer)[];
  /** Break the connection off after the last part, without waiting for an answer. */
  readonly leave?: 'end' | 'reset';
}

/** Sends bytes to a port; gives the status line of the answer, or `closed` where there was none. */
export function raw(port: number, { parts, leave }: RawOptions): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', async () => {
      for (const part of parts) {
        socket.write(part);
        await new Promise((done) => setTimeout(done, 20));
      }
      if (leave === 'reset') socket.resetAndDestroy();
      if (leave === 'end') socket.end();
    });
    socket.on('data', (data) => {
      answer += data.toString('latin1');
      if (answer.includes('\r\n\r\n')) socket.destroy();
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => resolve(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1] ?? 'closed'));
  });
}
