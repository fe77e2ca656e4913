/** The clocks of the platform, made to run faster: what takes minutes on AWS is over before anybody waits. */
import * as apigateway from 'aws-cdk-lib/aws-apigateway';
import { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import { FunctionUrlOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { CfnOutput, Duration } from 'aws-cdk-lib/core';
import { StreamingRestApi } from 'cdk-lambda-streaming';
import { type FrontEndApp, frontEndApp, send } from './front-ends/front-end-app';

/** So that 30 s of silence are 200 ms, 5 minutes two seconds: a process may have to start in that, on a machine with other work. */
const SPEED = 150;

/** Says nothing, or stops after its first byte, or goes on for longer than anybody listens. */
const STREAM = `awslambda.streamifyResponse(async (event, stream, context) => {
  const how = event.path ?? event.rawPath;
  const out = awslambda.HttpResponseStream.from(stream, { statusCode: 200 });
  if (how === '/silent') await waitFor('never');
  out.write(how === '/' ? String(context.getRemainingTimeInMillis()) : 'first');
  if (how === '/stops') await waitFor('never');
  while (how === '/talks') {
    out.write('.');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  out.end();
})`;
const BUFFERED = `async (event) => {
  if ((event.path ?? event.rawPath) === '/slow') await waitFor('never');
  return { statusCode: 200, body: 'ok' };
}`;

let app: FrontEndApp;
const logs: string[] = [];
beforeAll(async () => {
  app = await frontEndApp(
    ({ stack, fn }) => {
      const timeout = Duration.minutes(15);
      const output = (id: string, value: string) => new CfnOutput(stack, id, { value });
      const rest = new StreamingRestApi(stack, 'Rest', { handler: fn('Stream', STREAM, { timeout }) });
      const whole = { integration: { timeout: Duration.seconds(450) } };
      rest.addStream('GET', '/talks', fn('Talks', STREAM, { timeout }), whole);
      output('RestUrl', rest.url);
      const buffered = fn('Buffered', BUFFERED, { timeout });
      output('PlainUrl', new apigateway.LambdaRestApi(stack, 'Plain', { handler: buffered }).url);
      const defaultIntegration = new HttpLambdaIntegration('All', buffered);
      output('HttpUrl', new HttpApi(stack, 'Http', { defaultIntegration }).apiEndpoint);
      const urlOf = (id: string, authType: lambda.FunctionUrlAuthType) => {
        const own = fn(id, STREAM, { timeout: Duration.minutes(5) });
        const principal = new iam.ServicePrincipal('cloudfront.amazonaws.com');
        own.addPermission('Invoke', { principal, action: 'lambda:InvokeFunction' });
        return own.addFunctionUrl({ authType, invokeMode: lambda.InvokeMode.RESPONSE_STREAM });
      };
      output('Url', urlOf('Own', lambda.FunctionUrlAuthType.NONE).url);
      const origin = FunctionUrlOrigin.withOriginAccessControl(urlOf('Behind', lambda.FunctionUrlAuthType.AWS_IAM));
      const edge = new cloudfront.Distribution(stack, 'Edge', { defaultBehavior: { origin } });
      output('EdgeUrl', `https://${edge.distributionDomainName}/`);
    },
    { clock: { speed: SPEED }, onLog: ({ message }) => logs.push(message) },
  );
});
afterAll(() => app?.stop());

test('limits of time and of silence end what is too slow, with the words they have on AWS', async () => {
  const ask = (output: string, path: string) => send(`${app.output(output).replace(/\/$/, '')}${path}`);
  const failure = async (output: string, path: string) => {
    const { status, headers } = await ask(output, path);
    return [status, headers['x-local-failure']];
  };
  // Loading takes the time it takes; what answers too late has loaded all the same.
  await Promise.all(
    [ask('RestUrl', '/'), ask('PlainUrl', '/'), ask('Url', '/'), ask('EdgeUrl', '/')].map((asked) =>
      asked.catch(() => 0),
    ),
  );
  expect(Number((await ask('Url', '/')).body)).toBeLessThanOrEqual((300 * 1_000) / SPEED);
  await Promise.all([
    expect(failure('PlainUrl', '/slow')).resolves.toEqual([504, 'the integration took longer than its 29000 ms']),
    expect(failure('HttpUrl', '/slow')).resolves.toEqual([503, 'the integration took longer than its 30000 ms']),
    expect(failure('RestUrl', '/silent')).resolves.toEqual([504, 'the stream was silent for 300 s']),
    expect(failure('EdgeUrl', '/silent')).resolves.toEqual([504, 'the origin was silent for 30 s']),
    expect(ask('RestUrl', '/stops')).rejects.toThrow('aborted'),
    // One is over before the function is, the other with it.
    expect(ask('RestUrl', '/talks')).rejects.toThrow('aborted'),
    expect(ask('Url', '/talks')).rejects.toThrow('aborted'),
  ]);
  expect(logs.some((line) => line.endsWith('Status: timeout'))).toBe(true);
});
