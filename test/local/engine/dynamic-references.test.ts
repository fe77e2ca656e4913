import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { startLocal } from 'cdk-lambda-streaming/local';
import { A, B, deploy, stack } from './engine-fixture';
import { functionResources, writeAssembly } from './write-assembly';

/** The output `X` of a stack with this value. */
async function outputOf(Value: unknown, Resources: Parameters<typeof stack>[0] = {}): Promise<string | undefined> {
  return (await deploy({ S: stack(Resources, { Outputs: { X: { Value } } }) })).stacks[0]?.outputs['X'];
}

const parameter = { Type: 'AWS::SSM::Parameter', Properties: { Name: '/app/name', Type: 'String', Value: 'v' } };
const secret = (Properties: Record<string, unknown>) => ({ Type: 'AWS::SecretsManager::Secret', Properties });
const secretKey = (key: string) => ({
  'Fn::Join': ['', ['{{resolve:secretsmanager:', { Ref: 'Secret' }, `:SecretString:${key}::}}`]],
});

describe('a dynamic reference', () => {
  test.each(['ssm', 'ssm-secure'])('%s gives a parameter that a stack defines, of any version', async (service) => {
    await deploy({ P: stack({ P: parameter }) });
    expect(await outputOf(`<{{resolve:${service}:/app/name:3}}>`)).toBe('<v>');
  });

  test('to a parameter that nobody defines says where to give its value', async () => {
    await expect(outputOf('{{resolve:ssm:/other}}')).rejects.toThrow(
      "reads the SSM parameter '/other', which no stack in 111111111111/eu-west-1 has defined; give its value: startLocal({ ssmParameters: { '/other': … } })",
    );
  });

  test('to a parameter of AWS has a made-up value', async () => {
    expect(await outputOf('{{resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023}}')).toBe('ami-0123456789abcdef0');
  });

  test('gives a secret, or a key of it', async () => {
    const own = { Secret: secret({ SecretString: '{"user":"me"}' }) };
    expect(await outputOf(secretKey('user'), own)).toBe('me');
    expect(await outputOf(secretKey(''), own)).toBe('{"user":"me"}');
    await expect(outputOf(secretKey('other'), own)).rejects.toThrow("has no key 'other'");
    await expect(outputOf('{{resolve:secretsmanager:nobody}}', own)).rejects.toThrow(
      "no stack has defined the secret 'nobody'",
    );
  });

  test('gives a generated secret, the same in every deployment', async () => {
    const GenerateSecretString = {
      SecretStringTemplate: '{"user":"me"}',
      GenerateStringKey: 'password',
      PasswordLength: 20,
    };
    const first = await outputOf(secretKey('password'), { Secret: secret({ GenerateSecretString }) });
    expect(first).toMatch(/^[0-9a-f]{20}$/);
    expect(await outputOf(secretKey('password'), { Secret: secret({ GenerateSecretString }) })).toBe(first);
  });

  test('reaches the environment of a function, from the options of the target too', async () => {
    const Environment = { Variables: { GIVEN: '{{resolve:ssm:/given}}' } };
    const Code = { ZipFile: 'exports.handler = async () => process.env.GIVEN;' };
    const local = await startLocal({ ssmParameters: { '/given': 'by the test' } });
    try {
      await local.deploy(
        writeAssembly({ S: { template: { Resources: functionResources({ FunctionName: 'fn', Code, Environment }) } } }),
      );
      const client = new LambdaClient(local.clientConfig({ as: 'arn:aws:iam::111111111111:root' }));
      const { Payload } = await client.send(new InvokeCommand({ FunctionName: 'fn' }));
      expect(Buffer.from(Payload ?? []).toString()).toBe('"by the test"');
    } finally {
      await local.stop();
    }
  });
});

test('a value of another region goes through the export writer and reader of the CDK', async () => {
  const name = '/cdk/exports/Reading/Writing';
  const writer = {
    Type: 'Custom::CrossRegionExportWriter',
    Properties: { WriterProps: { region: 'us-east-1', prefix: 'Reading', exports: { [name]: 'over there' } } },
  };
  const reader = {
    Type: 'Custom::CrossRegionExportReader',
    Properties: {
      ReaderProps: { region: 'us-east-1', prefix: 'Reading', imports: { [name]: `{{resolve:ssm:${name}}}` } },
    },
  };
  const Outputs = { X: { Value: { 'Fn::GetAtt': ['Reader', name] } } };
  const { stacks } = await deploy({
    Writing: stack({ Writer: writer }, {}, A),
    Reading: {
      ...stack({ Reader: reader }, { Outputs }, { ...B, ...A, region: 'us-east-1' }),
      dependencies: ['Writing'],
    },
  });
  expect(stacks[1]?.outputs).toEqual({ X: 'over there' });
  await deploy({ Writing: stack({}, {}, A) });
});

test('a function that is a container image deploys with a warning and fails by name when invoked', async () => {
  const local = await startLocal();
  try {
    const { Role, Fn } = functionResources({ FunctionName: 'fn', PackageType: 'Image' });
    const {
      Handler: _,
      Runtime: __,
      ...Properties
    } = { ...Fn.Properties, Code: { ImageUri: 'repository:tag' } } as Record<string, unknown>;
    const url = {
      Type: 'AWS::Lambda::Url',
      Properties: { AuthType: 'NONE', TargetFunctionArn: { 'Fn::GetAtt': ['Fn', 'Arn'] } },
    };
    const permission = (Action: string) => ({
      Type: 'AWS::Lambda::Permission',
      Properties: { Action, FunctionName: { Ref: 'Fn' }, Principal: '*' },
    });
    const Resources = {
      Role,
      Fn: { ...Fn, Properties },
      Url: url,
      One: permission('lambda:InvokeFunction'),
      Two: permission('lambda:InvokeFunctionUrl'),
    };
    const Outputs = { Url: { Value: { 'Fn::GetAtt': ['Url', 'FunctionUrl'] } } };
    const { warnings } = await local.deploy(writeAssembly({ S: { template: { Resources, Outputs } } }));
    expect(warnings).toEqual([
      "S/Fn: function 'fn' is a container image, which cannot run here; invoking it fails, unless the option 'images' names a program that plays it",
    ]);
    const client = new LambdaClient(local.clientConfig({ as: 'arn:aws:iam::111111111111:root' }));
    const words =
      "The function fn is the container image repository:tag, which cannot run here: name a program that plays it in the option 'images' of startLocal()";
    await expect(client.send(new InvokeCommand({ FunctionName: 'fn' }))).rejects.toMatchObject({
      name: 'InvalidRuntimeException',
      message: words,
    });
    const answer = await fetch(local.outputs('S')['Url'] ?? '');
    expect([answer.status, answer.headers.get('x-local-failure')]).toEqual([502, words]);
  } finally {
    await local.stop();
  }
});

test('a function that is a container image runs by the program that is named for it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'image-'));
  writeFileSync(
    join(folder, 'server.cjs'),
    "require('node:http').createServer((request, response) => response.end('played')).listen(process.env.PORT);",
  );
  const played = { command: [process.execPath, 'server.cjs'], cwd: folder };
  const { Role, Fn } = functionResources({ FunctionName: 'fn', PackageType: 'Image' });
  const { Handler: _, Runtime: __, ...properties } = Fn.Properties as Record<string, unknown>;
  const image = { ...Fn, Properties: { ...properties, Code: { ImageUri: 'repository:tag' } } };
  const named = { ...image, Metadata: { 'aws:cdk:path': 'S/Web/Resource' } };
  for (const name of ['fn', 'S/Web']) {
    const local = await startLocal({ images: { [name]: played } });
    try {
      const { warnings } = await local.deploy(writeAssembly({ S: { template: { Resources: { Role, Fn: named } } } }));
      expect(warnings).toEqual([]);
      const client = new LambdaClient(local.clientConfig({ as: 'arn:aws:iam::111111111111:root' }));
      const { Payload } = await client.send(new InvokeCommand({ FunctionName: 'fn', Payload: '{}' }));
      expect(JSON.parse(Buffer.from(Payload ?? []).toString())).toMatchObject({ statusCode: 200 });
    } finally {
      await local.stop();
    }
  }
  rmSync(folder, { recursive: true });
});
