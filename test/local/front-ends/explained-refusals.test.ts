/** A refusal by a front end is explained as one of Invoke is, and what it lacks is enough when it is pasted. */
import * as apigateway from 'aws-cdk-lib/aws-apigateway';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { CfnOutput } from 'aws-cdk-lib/core';
import { streamContract } from 'cdk-lambda-streaming/contract';
import { streamFetcher } from 'cdk-lambda-streaming/fetcher';
import type { Explanation } from 'cdk-lambda-streaming/local';
import { rejection } from '../../invoker/read-stream';
import { signedHeaders } from '../http/sign-request';
import { type Definition, ENV, type FrontEndApp, frontEndApp } from './front-end-app';

const HELLO = "awslambda.streamifyResponse(async (event, stream) => { stream.end('hello'); })";
const text = streamContract({ format: 'text' });
const CALLER = `arn:aws:iam::${ENV.account}:role/Caller`;

/** A function with a URL for signed and one for anonymous calls, and a REST API; `Caller` and everybody get what is pasted. */
const define =
  (pasted: Pick<Explanation, 'missing'>['missing'] = []) =>
  ({ stack, fn, role }: Definition): void => {
    const hello = fn('Hello', HELLO);
    const open = fn('Open', HELLO);
    const buffered = fn('Buffered', "async () => ({ statusCode: 200, body: 'hello' })");
    const caller = role('Caller');
    const url = (id: string, targetFunctionArn: string, authType: string) => {
      const { attrFunctionUrl: value } = new lambda.CfnUrl(stack, id, {
        targetFunctionArn,
        authType,
        invokeMode: 'RESPONSE_STREAM',
      });
      new CfnOutput(stack, `${id}Out`, { value });
    };
    url('SignedUrl', hello.functionArn, 'AWS_IAM');
    url('OpenUrl', open.functionArn, 'NONE');
    const api = new apigateway.RestApi(stack, 'Api');
    const options = { authorizationType: apigateway.AuthorizationType.IAM };
    api.root.addMethod('GET', new apigateway.LambdaIntegration(buffered), options);
    new CfnOutput(stack, 'ApiOut', { value: api.url });
    for (const { kind, statement } of pasted) {
      if (kind === 'identity-based') caller.addToPolicy(iam.PolicyStatement.fromJson(statement));
      else {
        const { Action, Condition = {} } = statement;
        new lambda.CfnPermission(stack, `Pasted${String(Action).replace(/\W/g, '')}`, {
          action: String(Action),
          principal: '*',
          functionName: open.functionArn,
          functionUrlAuthType: Condition['StringEquals']?.['lambda:FunctionUrlAuthType'] as string | undefined,
          invokedViaFunctionUrl: Condition['Bool'] && true,
        });
      }
    }
  };

let app: FrontEndApp;
beforeEach(async () => {
  app = await frontEndApp(define());
});
afterEach(() => app.stop());

const actionsOf = ({ missing }: Explanation) => missing.map(({ statement }) => statement.Action);
const BOTH = ['lambda:InvokeFunctionUrl', 'lambda:InvokeFunction'];

test('the error of a fetcher that a function URL refuses names both statements, and they are enough', async () => {
  const call = async () => {
    const sign = app.local.sign({ as: CALLER });
    const fetcher = streamFetcher(text, { url: app.output('SignedUrlOut'), sign, retry: false });
    let read = '';
    for await (const chunk of await fetcher.invoke({})) read += chunk;
    return read;
  };
  const explanation = app.local.explain(await rejection(call()));
  expect(explanation.summary).toMatch(/assumed-role\/Caller\/local may not lambda:InvokeFunctionUrl on /);
  expect(actionsOf(explanation)).toEqual(BOTH);
  await app.deploy(define(explanation.missing));
  expect(await call()).toBe('hello');
});

test('so do the response of fetch and its header, which has the statements itself', async () => {
  const url = app.output('SignedUrlOut');
  const { credentials } = app.local.clientConfig({ as: CALLER });
  const response = await fetch(url, { headers: await signedHeaders(url, ENV.region, credentials) });
  expect([response.status, await response.text()]).toEqual([403, '{"Message":"Forbidden"}']);
  expect(actionsOf(app.local.explain(response))).toEqual(BOTH);
  const header = response.headers.get('x-local-refusal') ?? '';
  expect(actionsOf(app.local.explain(header))).toEqual(BOTH.slice(0, 1));
  expect(header).toMatch(/because no identity-based policy allows the lambda:InvokeFunctionUrl action; an identity/);
  const [, ...lacking] = header.split('; ');
  const statements = lacking.map((words) => JSON.parse(words.slice(words.indexOf('{'))) as { readonly Action: string });
  expect(statements.map(({ Action }) => Action)).toEqual(BOTH);
  expect(lacking[0]).toMatch(/^an identity-based policy of arn:aws:iam::\d+:role\/Caller lacks /);
});

test('a public URL that lets nobody in lacks statements of its resource-based policy, and they are enough', async () => {
  const url = app.output('OpenUrlOut');
  const refused = await fetch(url);
  expect(refused.status).toBe(403);
  const explanation = app.local.explain(refused);
  expect(explanation.missing).toMatchObject(
    BOTH.map((Action) => ({ kind: 'resource-based', statement: { Principal: '*', Action } })),
  );
  await app.deploy(define(explanation.missing));
  expect(await (await fetch(app.output('OpenUrlOut'))).text()).toBe('hello');
});

test('a REST API tells the statement beside the words of AWS, and it is enough', async () => {
  const call = async () => {
    const url = app.output('ApiOut');
    const { credentials } = app.local.clientConfig({ as: CALLER });
    return fetch(url, { headers: await signedHeaders(url, ENV.region, credentials, { service: 'execute-api' }) });
  };
  const refused = await call();
  expect(await refused.json()).toEqual({
    Message: expect.stringMatching(/no identity-based policy allows the execute-api:Invoke action$/),
  });
  const explanation = app.local.explain(refused);
  expect(actionsOf(explanation)).toEqual(['execute-api:Invoke']);
  expect(refused.headers.get('x-local-refusal')).toContain('lacks {"Effect":"Allow","Action":"execute-api:Invoke"');
  await app.deploy(define(explanation.missing));
  expect(await (await call()).text()).toBe('hello');
});
