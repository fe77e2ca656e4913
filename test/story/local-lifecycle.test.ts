import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InvokeCommand, InvokeWithResponseStreamCommand, LambdaClient } from '@aws-sdk/client-lambda';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import { App, Duration, Stack } from 'aws-cdk-lib/core';
import { StreamingFunction } from 'cdk-lambda-streaming';
import { type LocalTarget, startLocal } from 'cdk-lambda-streaming/local';
import { ALIAS_ARN, FUNCTION_ARN, OWNER, onLocal, streamingFunction, streamText } from './local-two-accounts';

const ADMIN = `arn:aws:iam::${OWNER.account}:root`;

function answering(text: string): string {
  return `exports.handler = awslambda.streamifyResponse(async (event, stream) => { stream.end('${text}'); });`;
}

function ownerApp(code: string, more: (stack: Stack) => void = () => undefined) {
  return (app: App) => {
    const stack = new Stack(app, 'Owner', { env: OWNER });
    streamingFunction(stack, code);
    more(stack);
  };
}

function clientOf(local: LocalTarget, region: string = OWNER.region): LambdaClient {
  return new LambdaClient({ ...local.clientConfig({ as: ADMIN }), region, maxAttempts: 1 });
}

async function errorOf(local: LocalTarget, functionName: string, region?: string): Promise<string> {
  const client = clientOf(local, region);
  try {
    await client.send(new InvokeCommand({ FunctionName: functionName, Payload: '{}' }));
    return 'no error';
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`;
  } finally {
    client.destroy();
  }
}

describe('deploying again', () => {
  test('moves the live alias to the new code, which the next invocation runs', async () => {
    await onLocal(ownerApp(answering('one')), async (local, deployAgain) => {
      expect(await streamText(local, ADMIN, ALIAS_ARN)).toBe('one');
      await deployAgain(ownerApp(answering('two')));
      expect(await streamText(local, ADMIN, ALIAS_ARN)).toBe('two');
      expect(await errorOf(local, `${FUNCTION_ARN}:1`)).toBe(
        `ResourceNotFoundException: Function not found: ${FUNCTION_ARN}:1`,
      );
      expect(await streamText(local, ADMIN, `${FUNCTION_ARN}:2`)).toBe('two');
    });
  });

  test('leaves a stream that is under way to end with the old code', async () => {
    const holding = `exports.handler = awslambda.streamifyResponse(async (event, stream) => {
      stream.write('old');
      while (!require('node:fs').existsSync(event.until)) await new Promise((resolve) => setTimeout(resolve, 5));
      stream.end(' and whole');
    });`;
    const folder = mkdtempSync(join(tmpdir(), 'local-story-'));
    const until = join(folder, 'go');
    try {
      await onLocal(ownerApp(holding), async (local, deployAgain) => {
        const client = clientOf(local);
        const { EventStream } = await client.send(
          new InvokeWithResponseStreamCommand({ FunctionName: ALIAS_ARN, Payload: JSON.stringify({ until }) }),
        );
        let text = '';
        for await (const { PayloadChunk } of EventStream ?? []) {
          text += Buffer.from(PayloadChunk?.Payload ?? []).toString();
          if (text !== 'old') continue;
          await deployAgain(ownerApp(answering('new')));
          expect(await streamText(local, ADMIN, ALIAS_ARN)).toBe('new');
          writeFileSync(until, '');
        }
        expect(text).toBe('old and whole');
        client.destroy();
      });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test('keeps what runs when it fails', async () => {
    await onLocal(ownerApp(answering('one')), async (local, deployAgain) => {
      const broken = ownerApp(answering('two'), (stack) => {
        new iam.CfnRole(stack, 'Broken', { assumeRolePolicyDocument: { Statement: [] } });
      });
      await expect(deployAgain(broken)).rejects.toThrow(
        "stack 'Owner' could not be updated: resource Broken (AWS::IAM::Role at Owner/Broken): " +
          `property 'AssumeRolePolicyDocument' must have a Statement, got {"Statement":[]}`,
      );
      expect(await streamText(local, ADMIN, ALIAS_ARN)).toBe('one');
    });
  });

  test('and destroying takes the function away', async () => {
    await onLocal(ownerApp(answering('one')), async (local) => {
      expect(await streamText(local, ADMIN, ALIAS_ARN)).toBe('one');
      await local.destroy();
      expect(await errorOf(local, ALIAS_ARN)).toBe(`ResourceNotFoundException: Function not found: ${ALIAS_ARN}`);
    });
  });
});

describe('bad input', () => {
  test('of a handler that does not exist is warned of at deployment and fails when invoked, as on AWS', async () => {
    const define = (app: App) => {
      const stack = new Stack(app, 'Owner', { env: OWNER });
      new lambda.Function(stack, 'Fn', {
        functionName: 'greeting',
        code: lambda.Code.fromInline(answering('x')),
        handler: 'nowhere.handler',
        runtime: lambda.Runtime.NODEJS_22_X,
        timeout: Duration.seconds(10),
      });
    };
    await onLocal(define, async (local) => {
      const client = clientOf(local);
      const { FunctionError, Payload } = await client.send(
        new InvokeCommand({ FunctionName: FUNCTION_ARN, Payload: '{}' }),
      );
      expect(FunctionError).toBe('Unhandled');
      expect(Buffer.from(Payload ?? []).toString()).toContain('Runtime.ImportModuleError');
      client.destroy();
    });
  });

  test('of an asset that is gone names the asset and the construct', async () => {
    const code = mkdtempSync(join(tmpdir(), 'local-story-code-'));
    writeFileSync(join(code, 'index.js'), answering('x'));
    const outdir = mkdtempSync(join(tmpdir(), 'local-story-out-'));
    try {
      const app = new App({ outdir });
      new StreamingFunction(new Stack(app, 'Owner', { env: OWNER }), 'Fn', { code: lambda.Code.fromAsset(code) });
      const { directory } = app.synth();
      const [asset = ''] = readdirSync(directory).filter((name) => name.startsWith('asset.'));
      rmSync(join(directory, asset), { recursive: true });
      const local = await startLocal();
      try {
        await expect(local.deploy(directory)).rejects.toThrow(
          /^stack 'Owner' could not be created: resource Fn\w+ \(AWS::Lambda::Function at Owner\/Fn\/Resource\): asset 'Fn\/Code' is missing: '.*asset\.\w+' does not exist; run 'cdk synth' again$/,
        );
      } finally {
        await local.stop();
      }
    } finally {
      for (const folder of [code, outdir]) rmSync(folder, { recursive: true, force: true });
    }
  });

  test('of a stack that was not asked for at synth says so, by our bundling and that of aws-cdk-lib; the others work', async () => {
    const outdir = mkdtempSync(join(tmpdir(), 'local-story-out-'));
    const entry = join(outdir, 'handler.js');
    writeFileSync(entry, answering('x'));
    const local = await startLocal();
    try {
      const assemblyOf = (only: string): string => {
        const context = { 'aws:cdk:enable-asset-metadata': true, 'aws:cdk:bundling-stacks': [only] };
        const app = new App({ outdir: join(outdir, only), context });
        for (const name of ['Seed', 'Support']) {
          new StreamingFunction(new Stack(app, name, { env: OWNER }), 'Fn', { entry });
        }
        new NodejsFunction(new Stack(app, 'Node', { env: OWNER }), 'Fn', { entry, depsLockFilePath: entry });
        return app.synth().directory;
      };
      const directory = assemblyOf('Support');
      for (const name of ['Seed', 'Node']) {
        await expect(local.deploy(directory, { stacks: [name] })).rejects.toThrow(
          /at \w+\/Fn\/Resource\): asset '(Fn\/)?Code' was not bundled, as 'cdk synth' was told to make other stacks only; /,
        );
      }
      await local.deploy(directory, { stacks: ['Support'] });
      expect(local.functions().map(({ stackName }) => stackName)).toEqual(['Support']);
    } finally {
      await local.stop();
      rmSync(outdir, { recursive: true, force: true });
    }
  });

  test('of a region the function is not in is told', async () => {
    await onLocal(ownerApp(answering('x')), async (local) => {
      expect(await errorOf(local, ALIAS_ARN, 'us-east-1')).toContain("'eu-west-1'");
      expect(await errorOf(local, 'greeting', 'us-east-1')).toBe(
        `ResourceNotFoundException: Function not found: arn:aws:lambda:us-east-1:${OWNER.account}:function:greeting`,
      );
    });
  });
});

describe('several regions', () => {
  test('hold functions of the same name', async () => {
    const define = (app: App) => {
      for (const region of ['eu-west-1', 'us-east-1']) {
        const stack = new Stack(app, `In-${region}`, { env: { ...OWNER, region } });
        streamingFunction(stack, answering(region));
      }
    };
    await onLocal(define, async (local) => {
      for (const region of ['eu-west-1', 'us-east-1']) {
        const client = clientOf(local, region);
        const { EventStream } = await client.send(
          new InvokeWithResponseStreamCommand({ FunctionName: 'greeting', Qualifier: 'live' }),
        );
        const chunks: Uint8Array[] = [];
        for await (const { PayloadChunk } of EventStream ?? []) chunks.push(PayloadChunk?.Payload ?? new Uint8Array());
        expect(Buffer.concat(chunks).toString()).toBe(region);
        client.destroy();
      }
    });
  });
});

describe('code from the assembly', () => {
  test('runs from a staged folder, as a module in a folder of it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'local-story-code-'));
    mkdirSync(join(folder, 'lib'));
    writeFileSync(
      join(folder, 'lib', 'app.mjs'),
      'export const run = async () => import.meta.url.endsWith("lib/app.mjs");',
    );
    const define = (app: App) => {
      const stack = new Stack(app, 'Owner', { env: OWNER });
      new lambda.Function(stack, 'Folder', {
        functionName: 'folder',
        code: lambda.Code.fromAsset(folder),
        handler: 'lib/app.run',
        runtime: lambda.Runtime.NODEJS_22_X,
      });
    };
    try {
      await onLocal(define, async (local) => {
        const client = clientOf(local);
        const { Payload } = await client.send(new InvokeCommand({ FunctionName: 'folder', Payload: '{}' }));
        expect(Buffer.from(Payload ?? []).toString()).toBe('true');
        client.destroy();
      });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
