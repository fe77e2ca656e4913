/** Websites of buckets, at their own host and behind a distribution. */
import { type LocalTarget, startLocal } from 'cdk-lambda-streaming/local';
import { removeFolders, writeAssembly } from '../../engine/write-assembly';
import { send } from '../../front-ends/front-end-app';
import { signedHeaders } from '../../http/sign-request';

const ENV = { account: '111111111111', region: 'eu-west-1' };
const OPEN = {
  BlockPublicAcls: false,
  BlockPublicPolicy: false,
  IgnorePublicAcls: false,
  RestrictPublicBuckets: false,
};
const bucket = (BucketName: string, WebsiteConfiguration?: object) => ({
  Type: 'AWS::S3::Bucket',
  Properties: {
    BucketName,
    PublicAccessBlockConfiguration: OPEN,
    ...(WebsiteConfiguration && { WebsiteConfiguration }),
  },
});
const open = (Bucket: string, statement: object = {}) => ({
  Type: 'AWS::S3::BucketPolicy',
  DependsOn: ['Site', 'Listed'],
  Properties: {
    Bucket,
    PolicyDocument: {
      Statement: {
        Effect: 'Allow',
        Principal: '*',
        Action: ['s3:GetObject', 's3:ListBucket'],
        Resource: [`arn:aws:s3:::${Bucket}`, `arn:aws:s3:::${Bucket}/*`],
        ...statement,
      },
    },
  },
});
const PAGES = { IndexDocument: 'index.html', ErrorDocument: 'oops.html' };

let local: LocalTarget;
let port: string;

beforeAll(async () => {
  local = await startLocal();
  const Resources = {
    Site: bucket('site', PAGES),
    // Whoever comes from a page of mine.
    SitePolicy: open('site', {
      Action: 's3:GetObject',
      Resource: 'arn:aws:s3:::site/*',
      Condition: { StringNotEquals: { 'aws:Referer': 'https://evil.example/' } },
    }),
    Listed: bucket('listed', PAGES),
    ListedPolicy: open('listed'),
    Moved: bucket('moved', { RedirectAllRequestsTo: { HostName: 'example.com', Protocol: 'https' } }),
    Rules: bucket('rules', { IndexDocument: 'index.html', RoutingRules: [{ RedirectRule: { HostName: 'a' } }] }),
    Closed: bucket('closed', PAGES),
    Plain: bucket('plain'),
    Cdn: {
      Type: 'AWS::CloudFront::Distribution',
      Properties: {
        DistributionConfig: {
          Enabled: true,
          Origins: [
            {
              Id: 'site',
              DomainName: {
                'Fn::Select': [2, { 'Fn::Split': ['/', { 'Fn::GetAtt': ['Listed', 'WebsiteURL'] }] }],
              },
              CustomOriginConfig: { OriginProtocolPolicy: 'http-only' },
            },
          ],
          DefaultCacheBehavior: {
            TargetOriginId: 'site',
            ViewerProtocolPolicy: 'allow-all',
            CachePolicyId: '658327ea-f89d-4fab-a63d-7e88639e58f6',
          },
        },
      },
    },
  };
  const Outputs = { Url: { Value: { 'Fn::Join': ['', ['https://', { 'Fn::GetAtt': ['Cdn', 'DomainName'] }]] } } };
  const { warnings } = await local.deploy(writeAssembly({ S: { ...ENV, template: { Resources, Outputs } } }));
  expect(warnings).toEqual([expect.stringContaining('does not play RoutingRules')]);
  port = new URL(local.endpoint).port;
  const { credentials, region } = local.clientConfig({ as: `arn:aws:iam::${ENV.account}:root`, region: ENV.region });
  for (const name of ['site', 'listed', 'closed']) {
    for (const key of ['index.html', 'docs/index.html', 'oops.html']) {
      const url = `${local.endpoint}/${name}/${key}`;
      const headers = { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD', 'content-type': 'text/html' };
      const body = `${name}: ${key}`;
      const signed = await signedHeaders(url, region, credentials, { method: 'PUT', body, headers, service: 's3' });
      expect((await fetch(url, { method: 'PUT', headers: signed, body })).status).toBe(200);
    }
  }
});
afterAll(async () => {
  await local.stop();
  removeFolders();
});

const get = async (name: string, path: string, method = 'GET', headers: Record<string, string> = {}) => {
  const host = `${name}.s3-website-${ENV.region}.localhost:${port}`;
  const answer = await send(`${local.endpoint}${path}`, { method, headers: { ...headers, host } });
  return [answer.status, answer.headers.location ?? answer.body] as const;
};

test.each([
  ['site', '/', 200, 'site: index.html'],
  ['site', '/docs/', 200, 'site: docs/index.html'],
  ['site', '/docs', 302, '/docs/'],
  ['site', '/docs/index.html?a=b', 200, 'site: docs/index.html'],
  ['listed', '/none', 404, 'listed: oops.html'],
  ['site', '/none', 403, 'site: oops.html'],
  ['moved', '/a/b?c=d', 301, 'https://example.com/a/b?c=d'],
])('%s%s answers %d', async (name, path, status, text) => {
  expect(await get(name, path)).toEqual([status, text]);
});

test.each([
  ['closed', '/', 403, 'Code: AccessDenied'],
  ['plain', '/', 404, 'Code: NoSuchWebsiteConfiguration'],
  ['nowhere', '/', 404, 'Code: NoSuchBucket'],
  ['rules', '/', 501, 'does not play RoutingRules'],
])('%s%s answers %d: %s', async (name, path, status, text) => {
  expect(await get(name, path)).toEqual([status, expect.stringContaining(text)]);
});

test('a website is read and not written, and the policy of its bucket sees who refers', async () => {
  expect(await get('listed', '/', 'POST')).toEqual([405, expect.stringContaining('MethodNotAllowed')]);
  expect(await get('listed', '/', 'HEAD')).toEqual([200, '']);
  expect((await get('site', '/', 'GET', { referer: 'https://evil.example/' }))[0]).toBe(403);
});

test('a distribution has a website as its origin', async () => {
  const { Url = '' } = local.outputs('S');
  expect(await send(`${Url}/docs/`)).toMatchObject({ status: 200, body: 'listed: docs/index.html' });
  expect(await send(`${Url}/none`)).toMatchObject({ status: 404, body: 'listed: oops.html' });
});
