import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { App, CfnOutput, CustomResource, RemovalPolicy, Stack } from 'aws-cdk-lib/core';
import * as custom from 'aws-cdk-lib/custom-resources';
import { type DeployOptions, type LocalTarget, startLocal } from 'cdk-lambda-streaming/local';

/** A provider as most are written: it answers over TLS to port 443 of the host in the address. */
const PROVIDER = `
const https = require('https');
exports.handler = async (event) => {
  const { ResponseURL, ResourceProperties: given, RequestType, PhysicalResourceId, ...rest } = event;
  console.log('EVENT ' + [RequestType, PhysicalResourceId, given.Name].join(' '));
  if (given.Throws) throw new Error('nothing works');
  if (given.Silent) return;
  let reason = 'there is no ' + given.Name;
  if (given.Calls === 's3' || given.Calls === 'lambda') {
    const { port } = new URL(process.env.AWS_ENDPOINT_URL);
    const [host, path] = given.Calls === 's3'
      ? ['box.s3.eu-west-1.localhost:' + port, '/?notification'] : ['127.0.0.1', '/2015-03-31/functions/f/concurrency'];
    reason = await new Promise((resolve, reject) => {
      require('http').request({ host: '127.0.0.1', port, path, method: 'PUT', headers: { host } }, async (response) => {
        resolve('An error occurred: ' + (await response.toArray()).join(''));
      }).on('error', reject).end();
    });
  } else if (given.Calls) {
    const response = await fetch(process.env.AWS_ENDPOINT_URL, { method: 'POST', headers: {
    'x-amz-target': 'DynamoDB_20120810.PutItem',
    authorization: 'AWS4-HMAC-SHA256 Credential=' + process.env.AWS_ACCESS_KEY_ID + '/20260101/eu-west-1/dynamodb/aws4_request',
    } });
    const { message } = await response.json();
    if (given.Calls === 'caught') reason = 'it has no quota left';
    else if (given.Calls === 'wrapped') reason = 'it did not work\\n' + message.slice(0, 70);
    else if (given.Calls === 'throws') throw new Error(message);
    else if (given.Calls === 'throws its own') throw new Error('it has no quota left');
    else reason = message;
  }
  const fails = given.Fails === RequestType || given.Calls;
  const body = JSON.stringify({
    Status: fails ? 'FAILED' : 'SUCCESS', Reason: reason,
    PhysicalResourceId: 'id-' + (RequestType === 'Delete' ? PhysicalResourceId.slice(3) : given.Id ?? given.Name),
    StackId: rest.StackId, RequestId: rest.RequestId, LogicalResourceId: rest.LogicalResourceId,
    Data: { Seen: JSON.stringify({ given, RequestType, PhysicalResourceId, old: rest.OldResourceProperties, type: rest.ResourceType }), Size: 3 },
  });
  const { hostname, pathname, search } = new URL(ResponseURL);
  await new Promise((resolve, reject) => {
    https.request({ hostname, port: 443, path: pathname + search, method: 'PUT', headers: { 'content-type': '', 'content-length': Buffer.byteLength(body) } },
      (response) => { response.resume(); response.on('end', resolve); }).on('error', reject).end(body);
  });
};`;

const ENV = { account: '111111111111', region: 'eu-west-1' };
let folder: string;
let local: LocalTarget;
let events: string[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'custom-'));
  const onLog = ({ message }: { readonly message: string }) => {
    const [, event] = /EVENT (.*)/.exec(message) ?? [];
    if (event !== undefined) events.push(event);
  };
  local = await startLocal({ onLog });
});

afterAll(async () => {
  await local.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Deploys one stack and gives what the providers were told meanwhile. */
async function deploy(id: string, build: (stack: Stack) => void, options: DeployOptions = {}) {
  events = [];
  const app = new App({ outdir: mkdtempSync(join(folder, id)) });
  build(new Stack(app, id, { env: ENV }));
  const { stacks, ...rest } = await local.deploy(app.synth().directory, options);
  return { ...rest, ...stacks[0] };
}

const inline = (stack: Stack, code = PROVIDER) =>
  new lambda.Function(stack, 'Provider', {
    runtime: lambda.Runtime.NODEJS_22_X,
    handler: 'index.handler',
    code: lambda.Code.fromInline(code),
  });

const one =
  (properties: Record<string, unknown>, output = 'Seen', type = 'Custom::Thing') =>
  (stack: Stack) => {
    const { functionArn: serviceToken } = inline(stack);
    const resource = new CustomResource(stack, 'Thing', { resourceType: type, serviceToken, properties });
    new CfnOutput(stack, 'Out', { value: resource.getAttString(output) });
    new CfnOutput(stack, 'Ref', { value: resource.ref });
  };

describe('a custom resource', () => {
  test('is created, updated, replaced and deleted by its provider, which hears what CloudFormation says', async () => {
    const created = await deploy('S', one({ Name: 'a', Flag: true, Deep: { Count: [1] } }));
    const serviceToken = expect.stringMatching(/^arn:aws:lambda:eu-west-1:111111111111:function:S-Provider/);
    expect(created.warnings).toEqual([]);
    expect(created.outputs?.['Ref']).toBe('id-a');
    const given = { Name: 'a', Flag: 'true', Deep: { Count: ['1'] }, ServiceToken: serviceToken };
    expect(JSON.parse(created.outputs?.['Out'] ?? '')).toEqual({ RequestType: 'Create', type: 'Custom::Thing', given });

    const again = await deploy('S', one({ Name: 'a', Flag: true, Deep: { Count: [1] } }));
    expect([again.status, events]).toEqual(['unchanged', []]);

    const updated = await deploy('S', one({ Name: 'b', Id: 'a' }, 'Seen'));
    expect(events).toEqual(['Update id-a b']);
    expect(JSON.parse(updated.outputs?.['Out'] ?? '')).toMatchObject({ PhysicalResourceId: 'id-a', old: given });
    expect(Object.values(updated.changes ?? {})).toEqual(['unchanged', 'unchanged', 'updated']);

    const replaced = await deploy('S', one({ Name: 'c' }, 'Size'));
    expect(events).toEqual(['Update id-a c', 'Delete id-a b']);
    expect(replaced.outputs).toEqual({ Ref: 'id-c', Out: '3' });
    expect(Object.values(replaced.changes ?? {})).toEqual(['unchanged', 'unchanged', 'replaced']);

    events = [];
    await local.destroy(['S']);
    expect(events).toEqual(['Delete id-c c']);
  });

  test.each([
    [
      lambda.Runtime.NODEJS_22_X,
      `const response = require('cfn-response');
exports.handler = (event, context) => response.send(event, context, response.SUCCESS, { Seen: event.RequestType }, 'mine');`,
    ],
    [
      lambda.Runtime.PYTHON_3_13,
      `import cfnresponse
def handler(event, context):
    cfnresponse.send(event, context, cfnresponse.SUCCESS, {'Seen': event['RequestType']}, 'mine')`,
    ],
  ])('may answer by the module that inline code of %s has on AWS', async (runtime, code) => {
    const { outputs } = await deploy('I', (stack) => {
      const provider = { runtime, handler: 'index.handler', code: lambda.Code.fromInline(code) };
      const { functionArn: serviceToken } = new lambda.Function(stack, 'Provider', provider);
      const resource = new CustomResource(stack, 'Thing', { serviceToken });
      new CfnOutput(stack, 'Out', { value: `${resource.ref} ${resource.getAttString('Seen')}` });
    });
    expect(outputs?.['Out']).toBe('mine Create');
    await local.destroy(['I']);
  });

  test('whose provider lacks a package is told by every deployment, and runs once the package is there', async () => {
    const source = mkdtempSync(join(folder, 'source-'));
    writeFileSync(join(source, 'index.js'), `const { seen } = require('@aws-sdk/client-made-up');${PROVIDER}`);
    const build = (stack: Stack) => {
      const code = lambda.Code.fromAsset(source);
      const provider = new lambda.Function(stack, 'P', {
        runtime: lambda.Runtime.NODEJS_22_X,
        handler: 'index.handler',
        code,
      });
      new CustomResource(stack, 'Thing', { serviceToken: provider.functionArn, properties: { Name: 'a' } });
    };
    const warning = expect.stringMatching(/^1 custom resource does nothing here \(Late\/Thing\): .*client-made-up/);
    expect((await deploy('Late', build)).warnings).toEqual([warning]);
    expect(await deploy('Late', build)).toMatchObject({ status: 'unchanged', warnings: [warning] });
    const installed = join(folder, 'node_modules/@aws-sdk/client-made-up');
    mkdirSync(installed, { recursive: true });
    writeFileSync(join(installed, 'index.js'), 'exports.seen = 1;');
    expect(await deploy('Late', build)).toMatchObject({ status: 'updated', warnings: [] });
    expect(events).toEqual(['Create  a']);
    expect((await deploy('Late', build)).status).toBe('unchanged');
    await local.destroy(['Late']);
  });

  test('that fails undoes what its stack has done so far, in the words of CloudFormation', async () => {
    const two = (name: string, fails?: string) => (stack: Stack) => {
      one({ Name: name })(stack);
      const [first] = [stack.node.findChild('Thing')];
      const { functionArn: serviceToken } = stack.node.findChild('Provider') as lambda.Function;
      const properties = { Name: `${name}2`, Fails: fails };
      new CustomResource(stack, 'Other', { serviceToken, properties }).node.addDependency(first as CustomResource);
    };
    await expect(deploy('F', two('x', 'Create'))).rejects.toThrow(
      /^stack 'F' could not be created: resource Other \(AWS::CloudFormation::CustomResource at F\/Other\/Default\): Received response status \[FAILED\] from custom resource\. Message returned: there is no x2 \(RequestId: [\w-]{36}\)$/,
    );
    expect(events).toEqual(['Create  x', 'Create  x2', 'Delete id-x2 x2', 'Delete id-x x']);
    expect(local.functions()).toEqual([]);

    await deploy('F', two('x'));
    await expect(deploy('F', two('y', 'Update'))).rejects.toThrow("stack 'F' could not be updated: resource Other");
    expect(events).toEqual(['Update id-x y', 'Update id-x2 y2', 'Update id-y2 x2', 'Update id-y x']);
    expect(local.outputs('F')['Ref']).toBe('id-x');
    expect((await deploy('F', two('x'))).status).toBe('unchanged');
    await local.destroy(['F']);
  });

  test.each([
    [
      'throws',
      { Throws: true },
      /did not receive a response from your Custom Resource.*; it failed: Error: nothing works/,
    ],
    ['says nothing', { Silent: true, ServiceTimeout: 1 }, /did not receive a response .* sent none within 1 s$/],
    ['has no such attribute', {}, /Vendor response doesn't contain Missing attribute; that of Thing has: Seen, Size/],
  ])('whose provider %s is told apart', async (_, properties, message) => {
    await expect(deploy('T', one({ Name: 't', ...properties }, 'Missing'))).rejects.toThrow(message);
    // A machine may need longer than its one second to start the provider that says nothing.
    const created = events.filter((event) => event.startsWith('Create'));
    expect(created).toHaveLength('Silent' in properties ? Math.min(created.length, 1) : 1);
  });

  test('whose provider cannot delete it leaves a warning', async () => {
    await deploy('D', one({ Name: 'd', Fails: 'Delete' }));
    const { status, warnings } = await deploy('D', (stack) => void inline(stack));
    expect([status, events]).toEqual(['updated', ['Delete id-d d']]);
    expect(warnings).toEqual([
      expect.stringMatching(/id-d could not be deleted and is no longer part of the stack: .*there is no d/),
    ]);
    await local.destroy(['D']);
  });

  test.each([
    ['s3', "s3 PUT /box?notification, which nobody answers: startLocal({ services: { 's3': … } })"],
    ['lambda', 'lambda PUT /2015-03-31/functions/f/concurrency, which nobody answers'],
  ])('does nothing where its provider needs what is not played of %s', async (Calls, told) => {
    const { warnings } = await deploy('N', one({ Name: 'a', Calls }, 'SomeArn'));
    expect(warnings).toEqual([`1 custom resource does nothing here (N/Thing): their provider calls ${told}`]);
    await local.destroy(['N']);
  });

  test.each([
    ['wrapped', ": startLocal({ services: { 'dynamodb': … } }); it failed: it did not work"],
    ['throws', ": startLocal({ services: { 'dynamodb': … } })"],
  ])('does nothing where its provider passes a refusal on: %s', async (Calls, told) => {
    const { warnings } = await deploy('N', one({ Name: 'a', Calls }, 'SomeArn'));
    const provider = 'their provider calls dynamodb PutItem, which nobody answers';
    expect(warnings).toEqual([`1 custom resource does nothing here (N/Thing): ${provider}${told}`]);
    await local.destroy(['N']);
  });

  test.each(['caught', 'throws its own'])(
    'fails for a reason of its own, whatever call was refused meanwhile: %s',
    async (Calls) => {
      await expect(deploy('N', one({ Name: 'a', Calls }, 'SomeArn'))).rejects.toThrow(
        /it has no quota left.*; meanwhile nobody answered dynamodb PutItem$/,
      );
    },
  );

  test('whose provider cannot do its work here is asked once, and again when either is new', async () => {
    const calls = (name: string, code?: string) => (stack: Stack) =>
      void new CustomResource(stack, 'Thing', {
        resourceType: 'Custom::Thing',
        serviceToken: inline(stack, code).functionArn,
        properties: { Name: name, Calls: true },
      });
    const asked = async (build: (stack: Stack) => void) => {
      const { warnings } = await deploy('Once', build);
      expect(warnings).toEqual([expect.stringMatching(/^1 custom resource does nothing here \(Once\/Thing\)/)]);
      return events;
    };
    expect(await asked(calls('a'))).toEqual(['Create  a']);
    expect(await asked(calls('a'))).toEqual([]);
    expect(await asked(calls('b'))).toEqual(['Create  b']);
    expect(await asked(calls('b', `${PROVIDER}\n// new`))).toEqual(['Create  b']);
    expect(await asked(calls('b', `${PROVIDER}\n// new`))).toEqual([]);
    await local.destroy(['Once']);
  });

  test('does nothing where its provider cannot do its work here, unless the deployment is strict', async () => {
    const calls = one({ Name: 'a', Calls: true }, 'SomeArn');
    const { warnings, inertTypes, outputs } = await deploy('N', calls);
    expect(warnings).toEqual([
      "1 custom resource does nothing here (N/Thing): their provider calls dynamodb PutItem, which nobody answers: startLocal({ services: { 'dynamodb': … } })",
    ]);
    expect(inertTypes).toEqual(['Custom::Thing']);
    expect(outputs?.['Out']).toMatch(/^arn:aws:/);
    await local.destroy(['N']);
    await expect(deploy('N', calls, { strict: true })).rejects.toThrow('it does nothing here: their provider calls');
    const named = await deploy('N', calls, { inertTypes: ['Custom::Thing'] });
    expect([named.warnings, events]).toEqual([[], []]);
    await local.destroy(['N']);

    const java = await deploy('N', (stack) => {
      const { functionArn: serviceToken } = new lambda.Function(stack, 'Provider', {
        runtime: lambda.Runtime.JAVA_21,
        handler: 'index.handler',
        code: lambda.Code.fromAsset(__dirname),
      });
      for (const id of ['One', 'Two']) new CustomResource(stack, id, { serviceToken });
    });
    expect(java.warnings).toEqual([
      expect.stringMatching(/^2 custom resources do nothing here \(N\/One, N\/Two\): .*java21/),
    ]);
    await expect(
      deploy('N', (stack) => new CustomResource(stack, 'X', { serviceToken: 'arn:aws:sns:eu-west-1:1:topic' })),
    ).rejects.toThrow('its provider is the SNS topic arn:aws:sns:eu-west-1:1:topic');
    await local.destroy(['N']);
  });
});

describe('what the CDK makes of it', () => {
  test('AwsCustomResource asks the services of the target', async () => {
    const { outputs, warnings } = await deploy('A', (stack) => {
      const fn = inline(stack);
      const call = new custom.AwsCustomResource(stack, 'Call', {
        onUpdate: {
          service: 'Lambda',
          action: 'getFunctionConfiguration',
          parameters: { FunctionName: fn.functionName },
          physicalResourceId: custom.PhysicalResourceId.of('call'),
          outputPaths: ['Handler'],
        },
        policy: custom.AwsCustomResourcePolicy.fromSdkCalls({ resources: [fn.functionArn] }),
        installLatestAwsSdk: true, // which is not heeded: nothing is fetched
      });
      new CfnOutput(stack, 'Handler', { value: call.getResponseField('Handler') });
    });
    expect([outputs, warnings]).toEqual([{ Handler: 'index.handler' }, []]);
    await local.destroy(['A']);
  });

  test('autoDeleteObjects and logRetention are played', async () => {
    const { warnings } = await deploy('B', (stack) => {
      new s3.Bucket(stack, 'Bucket', {
        bucketName: 'to-be-emptied',
        autoDeleteObjects: true,
        removalPolicy: RemovalPolicy.DESTROY,
      });
      new lambda.Function(stack, 'F', {
        runtime: lambda.Runtime.NODEJS_22_X,
        handler: 'index.handler',
        code: lambda.Code.fromInline('exports.handler = async () => 1;'),
        logRetention: 7,
      });
    });
    expect(warnings).toEqual([]);
    await local.destroy(['B']);
  });
});
