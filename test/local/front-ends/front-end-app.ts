/** Deploys a CDK app to a local target and talks plain HTTP to its front ends. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { App, Duration, Stack } from 'aws-cdk-lib/core';
import { type DeployOptions, type LocalTarget, type StartLocalOptions, startLocal } from 'cdk-lambda-streaming/local';

export const ENV = { account: '111111111111', region: 'eu-west-1' };

export interface FrontEndApp {
  readonly local: LocalTarget;
  /** Deploys what another definition makes of the stack. */
  deploy(define: (definition: Definition) => void, options?: DeployOptions): ReturnType<LocalTarget['deploy']>;
  readonly warnings: readonly string[];
  /** A stack output. */
  output(name: string): string;
  /** Lets the handlers that wait for `name` go on; see {@link waitsFor}. */
  signal(name: string): void;
  stop(): Promise<void>;
}

/** Source of `waitFor(name)` for handlers: it resolves once the test gives the signal. */
export const WAIT_FOR = `
  const { existsSync } = require('node:fs');
  const waitFor = async (name) => {
    while (!existsSync(process.env.SIGNALS + '/' + name)) await new Promise((resolve) => setTimeout(resolve, 5));
  };
`;

export interface Definition {
  readonly stack: Stack;
  /** A function from the text of a handler. */
  fn(id: string, handler: string, props?: Partial<lambda.FunctionProps>): lambda.Function;
  /** For `SIGNALS` of a function that is defined otherwise. */
  readonly signals: string;
  /** A role that anybody of the account may be, with its name as id. */
  role(roleName: string): iam.Role;
}

export async function frontEndApp(
  define: (definition: Definition) => void,
  options: StartLocalOptions = {},
): Promise<FrontEndApp> {
  const folder = mkdtempSync(join(tmpdir(), 'front-ends-'));
  const local = await startLocal(options);
  const deploy = async (definition: typeof define, how?: DeployOptions) =>
    await local.deploy(synthesize(mkdtempSync(join(folder, 'cdk.out-')), folder, definition), how);
  const stop = async () => {
    await local.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  const { warnings } = await deploy(define).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  return {
    local,
    deploy,
    warnings,
    output: (name) => {
      const value = local.outputs('Doors')[name];
      if (value === undefined) throw new Error(`no output ${name}; there are ${Object.keys(local.outputs('Doors'))}`);
      return value;
    },
    signal: (name) => writeFileSync(join(folder, name), ''),
    stop,
  };
}

/** @returns the folder of the cloud assembly */
function synthesize(outdir: string, folder: string, define: (definition: Definition) => void): string {
  const app = new App({ outdir });
  const stack = new Stack(app, 'Doors', { env: ENV });
  define({
    stack,
    signals: folder,
    fn: (id, handler, props = {}) =>
      new lambda.Function(stack, id, {
        code: lambda.Code.fromInline(`${WAIT_FOR}\nexports.handler = ${handler};`),
        handler: 'index.handler',
        runtime: lambda.Runtime.NODEJS_24_X,
        environment: { SIGNALS: folder },
        // Longer than any machine is busy with something else.
        timeout: Duration.seconds(60),
        ...props,
      }),
    role: (roleName) => new iam.Role(stack, roleName, { roleName, assumedBy: new iam.AccountRootPrincipal() }),
  });
  return app.synth().directory;
}

export interface SendOptions {
  readonly method?: string;
  /** A list of names and values keeps order, letter case and duplicates. */
  readonly headers?: Readonly<Record<string, string | string[]>> | string[];
  readonly body?: string | Buffer;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly bytes: Buffer;
  /** The body as JSON. */
  json(): Record<string, unknown>;
}

/** Sends a request and gives its response from the head on. */
export function open(url: string, { method = 'GET', headers = {}, body }: SendOptions = {}): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers: headers as Record<string, string>, agent: false }, resolve);
    sent.once('error', reject);
    sent.end(body);
  });
}

/** Sends a request and reads the whole response; rejects where the body breaks off. */
export async function send(url: string, options: SendOptions = {}): Promise<Answer> {
  const response = await open(url, options);
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part as Buffer);
  const bytes = Buffer.concat(parts);
  const body = bytes.toString('utf8');
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    body,
    bytes,
    json: () => JSON.parse(body) as Record<string, unknown>,
  };
}
