/** A site as the CDK deploys it: files in a bucket, a distribution before them and before what answers. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as origins from 'aws-cdk-lib/aws-cloudfront-origins';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { BucketDeployment, CacheControl, Source } from 'aws-cdk-lib/aws-s3-deployment';
import { CfnOutput, Duration, RemovalPolicy } from 'aws-cdk-lib/core';
import { type Definition, type FrontEndApp, frontEndApp, send } from './front-end-app';

let folder: string;
let app: FrontEndApp;
let silent: Server;
const asked: string[] = [];

/** @param files of the site, by name */
const site =
  (files: Readonly<Record<string, string>>, more: (definition: Definition) => void = () => undefined) =>
  (definition: Definition) => {
    const { stack, fn } = definition;
    const directory = mkdtempSync(join(folder, 'site-'));
    mkdirSync(join(directory, 'assets'));
    for (const [name, content] of Object.entries(files)) writeFileSync(join(directory, name), content);
    const bucket = new s3.Bucket(stack, 'Site', { autoDeleteObjects: true, removalPolicy: RemovalPolicy.DESTROY });
    const url = fn('Api', `async () => 'api'`).addFunctionUrl({ authType: lambda.FunctionUrlAuthType.NONE });
    new BucketDeployment(stack, 'Files', {
      destinationBucket: bucket,
      destinationKeyPrefix: 'web',
      sources: [Source.asset(directory), Source.jsonData('config.json', { api: url.url, quote: '"é"' })],
      cacheControl: [CacheControl.maxAge(Duration.hours(1))],
      metadata: { by: 'me' },
      exclude: ['*.map'],
    });
    const { port } = silent.address() as AddressInfo;
    const onePort = { protocolPolicy: cloudfront.OriginProtocolPolicy.HTTP_ONLY, httpPort: port };
    const slow = new origins.HttpOrigin('localhost', { ...onePort, readTimeout: Duration.seconds(1) });
    const twice = new origins.HttpOrigin('localhost', {
      ...onePort,
      readTimeout: Duration.seconds(1),
      connectionAttempts: 2,
    });
    const all = { allowedMethods: cloudfront.AllowedMethods.ALLOW_ALL };
    const distribution = new cloudfront.Distribution(stack, 'Cdn', {
      defaultRootObject: 'index.html',
      defaultBehavior: { origin: origins.S3BucketOrigin.withOriginAccessControl(bucket, { originPath: '/web' }) },
      additionalBehaviors: {
        'silent/*': { origin: slow, ...all },
        'twice/*': { origin: twice },
      },
      errorResponses: [
        { httpStatus: 403, responseHttpStatus: 200, responsePagePath: '/index.html' },
        { httpStatus: 504, responsePagePath: '/slow.html' },
      ],
    });
    new CfnOutput(stack, 'Url', { value: `https://${distribution.distributionDomainName}` });
    new CfnOutput(stack, 'Bucket', { value: bucket.bucketName });
    more(definition);
  };

const FILES = {
  'index.html': '<h1>home</h1>',
  'slow.html': 'patience',
  'assets/app.js': 'run()',
  'assets/app.js.map': '{}',
  'a b+c.txt': 'spaced',
};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'site-'));
  silent = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    if (request.url === '/silent/late' && asked.length > 1) response.end('at last');
  });
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  app = await frontEndApp(site(FILES), { clock: { speed: 20 } });
});

afterAll(async () => {
  await app?.stop();
  silent.closeAllConnections();
  silent.close();
  rmSync(folder, { recursive: true, force: true });
});

const get = (path: string, method = 'GET') => send(`${app.output('Url')}${path}`, { method });

test('a distribution serves what BucketDeployment put into its bucket, markers replaced by addresses that answer', async () => {
  expect(app.warnings).toEqual([]);
  expect(await get('/')).toMatchObject({
    status: 200,
    body: '<h1>home</h1>',
    headers: { 'content-type': 'text/html', 'cache-control': 'max-age=3600', 'x-amz-meta-by': 'me' },
  });
  expect((await get('/assets/app.js')).headers['content-type']).toBe('text/javascript');
  expect((await get('/a%20b+c.txt')).body).toBe('spaced');
  const { api, quote } = (await get('/config.json')).json();
  expect(api).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/lambda-url\/\w+\/$/);
  expect([quote, (await send(String(api))).body]).toEqual(['"é"', 'api']);
  expect((await get('/', 'POST')).status).toBe(200); // 403 by AllowedMethods, and its page
});

test('what is missing is 403, for which the error page stands with its status', async () => {
  for (const path of ['/some/route', '/assets/app.js.map']) {
    expect(await get(path)).toMatchObject({ status: 200, body: '<h1>home</h1>' });
  }
  const [, port = ''] = /:(\d+)\//.exec(app.output('Url')) ?? [];
  const host = `${app.output('Bucket')}.s3.eu-west-1.localhost:${port}`;
  const direct = await send(`http://127.0.0.1:${port}/web/index.html`, { headers: { host } });
  expect([direct.status, direct.body]).toEqual([403, expect.stringContaining('<Code>AccessDenied</Code>')]);
});

test('a silent origin is asked again for GET and HEAD, as often as it has attempts', async () => {
  const askedFor = async (path: string, method: string) => {
    asked.length = 0;
    const answer = await get(path, method);
    return [answer.status, answer.body, ...asked];
  };
  const three = (request: string) => Array(3).fill(request);
  expect(await askedFor('/silent/x', 'GET')).toEqual([504, 'patience', ...three('GET /silent/x')]);
  expect(await askedFor('/silent/x', 'POST')).toEqual([504, 'patience', 'POST /silent/x']);
  expect(await askedFor('/twice/x', 'HEAD')).toEqual([504, '', 'HEAD /twice/x', 'HEAD /twice/x']);
  expect(await askedFor('/silent/late', 'GET')).toEqual([200, 'at last', 'GET /silent/late', 'GET /silent/late']);
});

test('a deployment prunes what is gone, one that fails brings it back, a strict one refuses an open firewall', async () => {
  const changed = { 'index.html': 'new', 'slow.html': 'patience' };
  const broken = site(changed, ({ stack }) => {
    new lambda.CfnFunction(stack, 'Broken', { code: { zipFile: '' }, role: 'arn:aws:iam::111111111111:role/nobody' });
  });
  await expect(app.deploy(broken)).rejects.toThrow('Broken');
  expect([(await get('/')).body, (await get('/assets/app.js')).body]).toEqual(['<h1>home</h1>', 'run()']);

  await app.deploy(site(changed));
  expect([(await get('/')).body, (await get('/assets/app.js')).body]).toEqual(['new', 'new']);

  const guarded = site(changed, ({ stack }) => {
    const cdn = stack.node.findChild('Cdn').node.defaultChild as cloudfront.CfnDistribution;
    cdn.addPropertyOverride('DistributionConfig.WebACLId', 'arn:aws:wafv2:us-east-1:111111111111:global/webacl/x');
    cdn.addPropertyOverride('DistributionConfig.Restrictions', {
      GeoRestriction: { RestrictionType: 'whitelist', Locations: ['CH'] },
    });
  });
  await expect(app.deploy(guarded, { strict: true })).rejects.toThrow(
    'here, its firewall (WebACLId) lets everybody through, and its geographic restriction lets everybody through',
  );
  const { warnings } = await app.deploy(guarded);
  expect(warnings).toEqual([expect.stringContaining('its firewall (WebACLId) lets everybody through')]);
  await app.local.destroy();
});
