/** What the apps of the table are made of: handlers and servers that stream the same three pieces, and what stands around them. */

import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { type App, Duration, Stack, type StackProps } from 'aws-cdk-lib/core';

/** What every shape answers; a character of two bytes lies on the border of two pieces. */
export const ANSWER = 'one|two|drei é';

const PIECES = `const pieces = [Buffer.from('one|'), Buffer.from('two|drei \\u00c3', 'latin1'), Buffer.from([0xa9])];
const pause = () => new Promise((resolve) => setTimeout(resolve, 10));`;

/** A handler of Node.js that streams to whatever front end asks. */
export const STREAM = `${PIECES}
exports.handler = awslambda.streamifyResponse(async (event, stream) => {
  const isHttp = 'requestContext' in event;
  const out = isHttp ? awslambda.HttpResponseStream.from(stream, { statusCode: 200, headers: { 'content-type': 'text/plain; charset=utf-8' } }) : stream;
  for (const piece of pieces) { out.write(piece); await pause(); }
  out.end();
});`;

/** The same, with what a model says. */
export const MODEL_STREAM = `
exports.handler = awslambda.streamifyResponse(async (event, stream) => {
  const out = awslambda.HttpResponseStream.from(stream, { statusCode: 200, headers: { 'content-type': 'text/plain; charset=utf-8' } });
  const answer = await fetch(process.env.AWS_ENDPOINT_URL_BEDROCK_RUNTIME + '/model/m/converse-stream', { method: 'POST', headers: { authorization: 'Bearer key-of-bedrock' }, body: '{}' });
  for await (const piece of answer.body) out.write(piece);
  out.end();
});`;

/** A web server that streams. */
export const SERVER = `${PIECES}
require('node:http').createServer(async (request, response) => {
  if (request.url === '/') return response.end('ready');
  response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' });
  for (const piece of pieces) { response.write(piece); await pause(); }
  response.end();
}).listen(process.env.PORT);`;

/** A program for an OS-only runtime: the Runtime API, spoken by hand. */
export const BOOTSTRAP = `#!${process.execPath}
${PIECES}
const http = require('node:http');
const [hostname, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(':');
const path = '/2018-06-01/runtime/invocation/';
const next = () => http.get({ hostname, port, path: path + 'next' }, (event) => {
  event.resume();
  event.on('end', async () => {
    const headers = { 'Lambda-Runtime-Function-Response-Mode': 'streaming', 'Content-Type': 'application/vnd.awslambda.http-integration-response' };
    const answer = http.request({ hostname, port, method: 'POST', headers, path: path + event.headers['lambda-runtime-aws-request-id'] + '/response' },
      (taken) => { taken.resume(); taken.on('end', next); });
    answer.write('{"statusCode":200,"headers":{"content-type":"text/plain; charset=utf-8"}}' + '\\0'.repeat(8));
    for (const piece of pieces) { answer.write(piece); await pause(); }
    answer.end();
  });
});
next();`;

const NODE = lambda.Runtime.NODEJS_24_X;

/** Folders of the app. */
export class Parts {
  public constructor(
    public readonly app: App,
    private readonly folder: string,
  ) {}

  public stack(id: string, props: StackProps = {}): Stack {
    return new Stack(this.app, id, { env: { account: '111111111111', region: 'eu-west-1' }, ...props });
  }

  /** A folder with these files; programs may be executed. */
  public files(files: Readonly<Record<string, string>>): string {
    const folder = mkdtempSync(join(this.folder, 'code-'));
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), content);
      if (content.startsWith('#!')) chmodSync(join(folder, name), 0o755);
    }
    return folder;
  }

  public node(scope: Stack, id: string, source = STREAM, props: Partial<lambda.FunctionProps> = {}): lambda.Function {
    const code = lambda.Code.fromAsset(this.files({ 'index.js': source }));
    return new lambda.Function(scope, id, {
      code,
      handler: 'index.handler',
      runtime: NODE,
      timeout: Duration.minutes(5),
      ...props,
    });
  }

  /** A zip package with the web adapter as a layer. */
  public adapted(scope: Stack, id: string): lambda.Function {
    const layer = 'arn:aws:lambda:eu-west-1:753240598075:layer:LambdaAdapterLayerX86:25';
    return new lambda.Function(scope, id, {
      code: lambda.Code.fromAsset(this.files({ 'run.sh': '#!/bin/sh\nexec node server.js', 'server.js': SERVER })),
      handler: 'run.sh',
      runtime: NODE,
      timeout: Duration.minutes(5),
      layers: [lambda.LayerVersion.fromLayerVersionArn(scope, `${id}Adapter`, layer)],
      environment: { AWS_LAMBDA_EXEC_WRAPPER: '/opt/bootstrap', AWS_LWA_INVOKE_MODE: 'response_stream' },
    });
  }

  /** A container image; the web adapter is in it. */
  public image(scope: Stack, id: string): lambda.DockerImageFunction {
    return new lambda.DockerImageFunction(scope, id, {
      code: lambda.DockerImageCode.fromEcr(new ecr.Repository(scope, `${id}Images`)),
      timeout: Duration.minutes(5),
      environment: { AWS_LWA_INVOKE_MODE: 'response_stream' },
    });
  }

  /** What the option `images` says of it. */
  public program(): { readonly command: readonly string[]; readonly cwd: string } {
    return { command: ['node', 'server.js'], cwd: this.files({ 'server.js': SERVER }) };
  }

  public caller(scope: Stack): iam.Role {
    return new iam.Role(scope, 'Caller', {
      roleName: `${scope.stackName}-caller`,
      assumedBy: new iam.AccountRootPrincipal(),
    });
  }
}
