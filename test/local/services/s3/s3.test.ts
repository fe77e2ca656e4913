/** S3 of the local target, asked over HTTP with the signatures of the SDK. */
import { createHash } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import { type LocalTarget, startLocal } from 'cdk-lambda-streaming/local';
import { removeFolders, writeAssembly } from '../../engine/write-assembly';
import { Sha256 } from '../../http/sign-request';

const ENV = { account: '111111111111', region: 'eu-west-1' };
const ADMINISTRATOR = `arn:aws:iam::${ENV.account}:root`;
const READER = `arn:aws:iam::${ENV.account}:role/Reader`;
const WRITER = `arn:aws:iam::${ENV.account}:role/Writer`;
const STRANGER = 'arn:aws:iam::222222222222:role/Stranger';

const allow = (Action: unknown, Resource: unknown, more: object = {}) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action, Resource, ...more }],
});
const role = (RoleName: string, PolicyDocument: object) => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    RoleName,
    AssumeRolePolicyDocument: allow('sts:AssumeRole', undefined, { Principal: { AWS: { Ref: 'AWS::AccountId' } } }),
    Policies: [{ PolicyName: 'Own', PolicyDocument }],
  },
});

const readUnless = (Condition: object) => ({
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Action: 's3:GetObject', Resource: '*' },
    { Effect: 'Deny', Action: 's3:*', Resource: '*', Condition },
  ],
});

let local: LocalTarget;
beforeAll(async () => {
  local = await startLocal();
  const readAll = allow(['s3:GetObject', 's3:PutObject'], 'arn:aws:s3:::*');
  await local.deploy(
    writeAssembly({
      Other: { ...ENV, account: '222222222222', template: { Resources: { Stranger: role('Stranger', readAll) } } },
      Own: {
        ...ENV,
        template: {
          Resources: {
            Bucket: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'shared-things' } },
            Services: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'services' } },
            Policy: {
              Type: 'AWS::S3::BucketPolicy',
              Properties: {
                Bucket: { Ref: 'Bucket' },
                PolicyDocument: allow('s3:GetObject', 'arn:aws:s3:::shared-things/*', { Principal: { AWS: STRANGER } }),
              },
            },
            Writer: role('Writer', allow('s3:PutObject', 'arn:aws:s3:::shared-things/*')),
            OnlyHeaders: role('OnlyHeaders', readUnless({ StringEquals: { 's3:authType': 'REST-QUERY-STRING' } })),
            OnlyFresh: role('OnlyFresh', readUnless({ NumericGreaterThan: { 's3:signatureAge': '10000' } })),
            Reader: role('Reader', allow('s3:GetObject', 'arn:aws:s3:::shared-things/public/*')),
          },
        },
      },
    }),
  );
});
afterAll(async () => {
  await local.stop();
  removeFolders();
});

interface Ask {
  readonly as?: string;
  readonly body?: string | Buffer;
  readonly headers?: Record<string, string>;
}

/** @param target for example `PUT /bucket/key?partNumber=1` */
async function ask(target: string, { as = ADMINISTRATOR, body, headers = {} }: Ask = {}): Promise<Response> {
  const [method = '', path = ''] = target.split(' ');
  const url = new URL(path, local.endpoint);
  const { credentials, region } = local.clientConfig({ as });
  const signer = new SignatureV4({ credentials, region, service: 's3', sha256: Sha256, uriEscapePath: false });
  const request = await signer.sign({
    method,
    protocol: 'http:',
    hostname: url.hostname,
    port: Number(url.port),
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    headers: {
      host: url.host,
      'x-amz-content-sha256': createHash('sha256')
        .update(body ?? '')
        .digest('hex'),
      ...headers,
    },
    body,
  });
  return fetch(url, {
    method,
    headers: request.headers,
    ...(body !== undefined && { body: new Uint8Array(Buffer.from(body)) }),
  });
}

/** Status and body on one line, without what differs from run to run. */
async function told(...asked: Parameters<typeof ask>): Promise<string> {
  const response = await ask(...asked);
  const text = (await response.text())
    .replace(/^<\?xml[^>]*>\s*/, '')
    .replace(/<LastModified>[^<]*<\/LastModified>/g, '')
    .replace(/ xmlns="[^"]*"/, '');
  return `${response.status} ${text}`.trim();
}

const md5 = (text: string) => createHash('md5').update(text).digest('hex');

describe('an object', () => {
  test('comes back byte for byte with its headers, whole or in part', async () => {
    const body = Buffer.from([0, 255, 13, 10, 200, 1]);
    const headers = { 'content-type': 'image/x-own', 'x-amz-meta-colour': 'green', 'content-encoding': 'own' };
    const put = await ask('PUT /shared-things/a/b%20c%2B%C3%A9.bin', { body, headers });
    expect([put.status, put.headers.get('etag')]).toEqual([200, `"${createHash('md5').update(body).digest('hex')}"`]);
    const got = await ask('GET /shared-things/a/b%20c%2B%C3%A9.bin');
    expect(Object.fromEntries(got.headers)).toMatchObject({
      ...headers,
      'content-length': '6',
      'accept-ranges': 'bytes',
    });
    expect(Buffer.from(await got.arrayBuffer())).toEqual(body);
    const part = await ask('GET /shared-things/a/b%20c%2B%C3%A9.bin', { headers: { range: 'bytes=1-3' } });
    expect([part.status, part.headers.get('content-range')]).toEqual([206, 'bytes 1-3/6']);
    expect(Buffer.from(await part.arrayBuffer())).toEqual(body.subarray(1, 4));
    const head = await ask('HEAD /shared-things/a/b%20c%2B%C3%A9.bin');
    expect([head.status, head.headers.get('content-length')]).toEqual([200, '6']);
    const etag = put.headers.get('etag') ?? '';
    const write = (given: Record<string, string>, as?: string) =>
      told('PUT /shared-things/a/b%20c%2B%C3%A9.bin', { body, headers: { ...headers, ...given }, ...(as && { as }) });
    expect(await write({ 'if-none-match': '*' })).toMatch(/^412 .*<Condition>If-None-Match</);
    expect(await write({ 'if-none-match': etag })).toMatch(/^501 .*<Header>If-None-Match</);
    expect(await write({ 'if-match': '"0"' })).toMatch(/^412 .*<Condition>If-Match</);
    expect(await write({ 'if-match': etag })).toBe('200');
    // Whoever may write alone must not learn by conditions what is there.
    expect(await write({ 'if-match': etag }, WRITER)).toMatch(/^403 .*s3:GetObject/);
    expect(await write({}, WRITER)).toBe('200');
    expect(await told('GET /shared-things/a/b%20c%2B%C3%A9.bin', { headers: { 'if-none-match': etag } })).toBe('304');
    expect(await told('DELETE /shared-things/a/b%20c%2B%C3%A9.bin')).toBe('204');
    expect(await told('GET /shared-things/a/b%20c%2B%C3%A9.bin')).toMatch(/^404 .*<Code>NoSuchKey</);
  });

  test('keeps the checksum that it came with, for whoever asks for it', async () => {
    const body = 'checked';
    const checksum = { 'x-amz-checksum-sha256': createHash('sha256').update(body).digest('base64') };
    await ask('PUT /shared-things/checked', { body, headers: checksum });
    await ask('PUT /shared-things/copied', { headers: { 'x-amz-copy-source': '/shared-things/checked' } });
    const mode = { 'x-amz-checksum-mode': 'ENABLED' };
    const seen = async (target: string, headers: Record<string, string> = mode) =>
      Object.fromEntries([...(await ask(target, { headers })).headers].filter(([name]) => /checksum/.test(name)));
    const whole = { ...checksum, 'x-amz-checksum-type': 'FULL_OBJECT' };
    expect(await seen('GET /shared-things/checked')).toEqual(whole);
    expect(await seen('HEAD /shared-things/copied')).toEqual(whole);
    expect(await seen('GET /shared-things/checked', {})).toEqual({});
    expect(await seen('GET /shared-things/checked', { ...mode, range: 'bytes=0-1' })).toEqual({});
    for (const key of ['checked', 'copied']) await ask(`DELETE /shared-things/${key}`);
  });

  test('is copied, with new headers where they are given', async () => {
    await ask('PUT /shared-things/from', { body: 'text', headers: { 'content-type': 'text/plain' } });
    const source = { 'x-amz-copy-source': '/shared-things/from' };
    expect(await told('PUT /shared-things/to', { headers: source })).toMatch(/^200 <CopyObjectResult>/);
    const replaced = { ...source, 'x-amz-metadata-directive': 'REPLACE', 'content-type': 'text/css' };
    await ask('PUT /shared-things/to2', { headers: replaced });
    const copies = await Promise.all(['to', 'to2'].map((key) => ask(`GET /shared-things/${key}`)));
    const types = copies.map(({ headers }) => headers.get('content-type'));
    expect([types, await copies[1]?.text()]).toEqual([['text/plain', 'text/css'], 'text']);
    const body =
      '<Delete><Object><Key>from</Key></Object><Object><Key>to</Key></Object><Object><Key>to2</Key></Object></Delete>';
    const proof = { 'content-md5': createHash('md5').update(body).digest('base64') };
    expect(await told('POST /shared-things?delete', { body, headers: proof })).toContain(
      '<Deleted><Key>to2</Key></Deleted>',
    );
    expect(await told('POST /shared-things?delete', { body })).toMatch(/^400 .*Content-MD5 OR x-amz-checksum-/);
    expect(await told('GET /shared-things')).toContain(
      '<IsTruncated>false</IsTruncated><Marker></Marker></ListBucketResult>',
    );
  });

  test('arrives in parts, in the order of their numbers', async () => {
    const [, id = ''] = /<UploadId>(.*)<\/UploadId>/.exec(await told('POST /shared-things/big?uploads=')) ?? [];
    await ask(`PUT /shared-things/big?partNumber=2&uploadId=${id}`, { body: 'second' });
    const big = '1'.repeat(5 * 1024 * 1024);
    await ask(`PUT /shared-things/big?partNumber=1&uploadId=${id}`, { body: 'first ' });
    const parts = ['first ', 'second'].map(
      (text, i) => `<Part><PartNumber>${i + 1}</PartNumber><ETag>&quot;${md5(text)}&quot;</ETag></Part>`,
    );
    const end = (list: readonly string[]) => ({
      body: `<CompleteMultipartUpload>${list.join('')}</CompleteMultipartUpload>`,
    });
    const wrong = parts.map((part) => part.replace('<PartNumber>2', '<PartNumber>3'));
    expect(await told(`POST /shared-things/big?uploadId=${id}`, end(wrong))).toMatch(/^400 .*<Code>InvalidPart</);
    expect(await told(`POST /shared-things/big?uploadId=${id}`, end([...parts].reverse()))).toMatch(/InvalidPartOrder/);
    expect(await told(`POST /shared-things/big?uploadId=${id}`, end(parts))).toMatch(
      /^400 .*<Code>EntityTooSmall<.*<ProposedSize>6<.*<MinSizeAllowed>5242880<.*<PartNumber>1</,
    );
    await ask(`PUT /shared-things/big?partNumber=1&uploadId=${id}`, { body: big });
    const listed = await told(`GET /shared-things/big?uploadId=${id}&max-parts=1`);
    expect(listed).toMatch(/<NextPartNumberMarker>1<.*<IsTruncated>true<.*<PartNumber>1<.*<Size>5242880</);
    const rest = await told(`GET /shared-things/big?uploadId=${id}&part-number-marker=1`);
    expect(rest).toMatch(/<IsTruncated>false<.*<Part><PartNumber>2<.*<Size>6<\/Size><\/Part><\/ListPartsResult>/);
    expect(await told('GET /shared-things?uploads=&prefix=b')).toContain(`<Key>big</Key><UploadId>${id}</UploadId>`);
    expect(await told('GET /shared-things?uploads=&key-marker=big')).not.toContain('<Upload>');
    const large = parts.map((part) => part.replace(md5('first '), md5(big)));
    const once = { 'if-none-match': '*' };
    await ask('PUT /shared-things/big', { body: 'there' });
    expect(await told(`POST /shared-things/big?uploadId=${id}`, { ...end(large), headers: once })).toMatch(/^412 /);
    const whole = await told(`POST /shared-things/big?uploadId=${id}`, end(large));
    expect(whole).toMatch(/^200 <CompleteMultipartUploadResult>.*<ETag>&#34;[0-9a-f]{32}-2&#34;</);
    expect(await told('GET /shared-things/big')).toBe(`200 ${big}second`);
    expect(await told(`DELETE /shared-things/big?uploadId=${id}`)).toMatch(/^404 .*<Code>NoSuchUpload</);
    await ask('DELETE /shared-things/big');
  });
});

test('a bucket lists its keys in pages, and what shares a prefix as one', async () => {
  expect(await told('PUT /own-bucket')).toBe('200');
  for (const name of ['192.168.1.1', 'xn--abc', 'my-s3alias', 'a..b', 'My'])
    expect(await told(`PUT /${name}`)).toMatch(/^400 .*InvalidBucketName/);
  for (const key of ['a/1', 'a/2', 'b', 'c/1', 'é'])
    await ask(`PUT /own-bucket/${encodeURIComponent(key)}`, { body: key });
  const names = (xml: string) =>
    [...xml.matchAll(/<(?:Key|Prefix)>([^<]+)<\/(?:Key|Prefix)>/g)].map(([, name]) => name);
  expect(names(await told('GET /own-bucket?list-type=2'))).toEqual(['a/1', 'a/2', 'b', 'c/1', 'é']);
  expect(names(await told('GET /own-bucket?list-type=2&delimiter=/'))).toEqual(['a/', 'b', 'c/', 'é']);
  expect(names(await told('GET /own-bucket?list-type=2&prefix=a/&max-keys=1'))).toEqual(['a/', 'a/1']);
  const first = await told('GET /own-bucket?list-type=2&max-keys=3');
  const [, token = ''] = /<NextContinuationToken>(.*)<\/NextContinuationToken>/.exec(first) ?? [];
  expect(names(await told(`GET /own-bucket?list-type=2&continuation-token=${token}`))).toEqual(['c/1', 'é']);
  expect(names(await told('GET /own-bucket?marker=b&encoding-type=url'))).toEqual(['c/1', '%C3%A9']);
  expect(await told('DELETE /own-bucket')).toMatch(/^409 .*BucketNotEmpty/);
  expect(await told('PUT /own-bucket')).toMatch(/^409 .*BucketAlreadyOwnedByYou/);
  expect(await told('GET /own-bucket?location')).toBe('200 <LocationConstraint>eu-west-1</LocationConstraint>');
});

test('a bucket may have any name of S3', async () => {
  expect((await ask('PUT /services/dynamodb', { body: 'x' })).status).toBe(200);
  expect(await (await ask('GET /services/dynamodb')).text()).toBe('x');
});

test('the bucket of a bootstrapped account is there without a deployment', async () => {
  const bucket = 'cdk-hnb659fds-assets-111111111111-us-east-1';
  expect(await told(`PUT /${bucket}/x.json`, { body: '{}' })).toBe('200');
  expect(await told(`GET /${bucket}/x.json`)).toBe('200 {}');
  expect(await told(`GET /${bucket}?location`)).toBe('200 <LocationConstraint></LocationConstraint>');
  expect(await told(`PUT /${bucket}/x.json`, { as: STRANGER, body: '{}' })).toMatch(
    /^403 .*no resource-based policy allows the s3:PutObject action/,
  );
});

test('IAM decides, with the policy of the bucket', async () => {
  await ask('PUT /shared-things/public/x', { body: 'x' });
  await ask('PUT /shared-things/private', { body: 'p' });
  expect(await told('GET /shared-things/public/x', { as: READER })).toBe('200 x');
  expect(await told('GET /shared-things/private', { as: READER })).toMatch(
    /^403 <Error>.*<Code>AccessDenied<.*no identity-based policy allows the s3:GetObject action/,
  );
  // Who may not list does not learn what is there.
  expect(await told('GET /shared-things/public/none', { as: READER })).toMatch(/^403 /);
  expect(await told('GET /shared-things/private', { as: STRANGER })).toBe('200 p');
  expect(await told('PUT /shared-things/private', { as: STRANGER, body: 'q' })).toMatch(/^403 /);
  expect(await told('HEAD /none-of-mine')).toBe('404');
});

test('what is not signed as it arrives, or not played, is refused in the words of S3', async () => {
  const key = { 'x-amz-content-sha256': 'a'.repeat(64) };
  expect(await told('PUT /shared-things/forged', { as: READER, body: 'text', headers: key })).toMatch(/AccessDenied/);
  expect(await told('PUT /shared-things/forged', { body: 'text', headers: key })).toMatch(/XAmzContentSHA256Mismatch/);
  expect(await told(`PUT /shared-things/${'k'.repeat(1_025)}`, { body: 'text' })).toMatch(
    /^400 .*<Code>KeyTooLongError<.*<Size>1025<.*<MaxSizeAllowed>1024</,
  );
  for (const [max, words] of Object.entries({ '-1': 'Argument max-keys must be an integer', many: 'not an integer' })) {
    expect(await told(`GET /shared-things?list-type=2&max-keys=${max}`)).toMatch(
      new RegExp(`^400 .*<Code>InvalidArgument<.*${words}.*<ArgumentValue>${max}<`),
    );
  }
  const many = `<Delete>${'<Object><Key>k</Key></Object>'.repeat(1_001)}</Delete>`;
  const proof = { 'content-md5': createHash('md5').update(many).digest('base64') };
  expect(await told('POST /shared-things?delete', { body: many, headers: proof })).toMatch(
    /^400 .*<Code>MalformedXML</,
  );
  expect(await told('GET /shared-things?acl')).toMatch(
    /^501 .*does not play this operation of S3: GET \/shared-things\?acl/,
  );
});

test('a presigned address needs no other signature, and policies can tell it apart', async () => {
  await ask('PUT /shared-things/public/y', { body: 'y' });
  const get = async (as: string, signingDate = new Date()) => {
    const { credentials, region } = local.clientConfig({ as });
    const signer = new SignatureV4({ credentials, region, service: 's3', sha256: Sha256, uriEscapePath: false });
    const { host, hostname, port } = new URL(local.endpoint);
    const headers = { host, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' };
    const place = { protocol: 'http:', hostname, port: Number(port), path: '/shared-things/public/y' };
    const { query = {} } = await signer.presign({ method: 'GET', ...place, headers }, { expiresIn: 60, signingDate });
    const search = new URLSearchParams(query as Record<string, string>);
    const response = await fetch(`${local.endpoint}/shared-things/public/y?${search}`);
    return `${response.status} ${await response.text()}`;
  };
  const old = new Date(Date.now() - 20_000);
  expect([await get(READER), await get(READER, old)]).toEqual(['200 y', '200 y']);
  const [header, fresh] = ['OnlyHeaders', 'OnlyFresh'].map((name) => READER.replace('Reader', name));
  expect(await told('GET /shared-things/public/y', { as: String(header) })).toBe('200 y');
  expect(await get(String(header))).toMatch(/^403 .*explicit deny/);
  expect(await get(String(fresh))).toBe('200 y');
  expect(await get(String(fresh), old)).toMatch(/^403 .*explicit deny/);
});

test('a version of an object needs a permission of its own', async () => {
  await ask('PUT /shared-things/public/v', { body: 'v' });
  expect(await told('GET /shared-things/public/v?versionId=null')).toBe('200 v');
  expect(await told('GET /shared-things/public/v?versionId=1')).toMatch(/^404 .*NoSuchVersion/);
  expect(await told('GET /shared-things/public/v?versionId=null', { as: READER })).toMatch(
    /^403 .*s3:GetObjectVersion/,
  );
  const source = { 'x-amz-copy-source': '/shared-things/public/v?versionId=null' };
  expect(await told('PUT /shared-things/copy', { headers: source, as: WRITER })).toMatch(/^403 .*s3:GetObjectVersion/);
  const body = '<Delete><Object><Key>public/v</Key><VersionId>1</VersionId></Object></Delete>';
  const headers = { 'content-md5': createHash('md5').update(body).digest('base64') };
  expect(await told('POST /shared-things?delete', { body, headers })).toContain('<Code>NoSuchVersion</Code>');
  expect(await told('DELETE /shared-things/public/v?versionId=null', { as: WRITER })).toMatch(/s3:DeleteObjectVersion/);
});

test.each(['shared-thingsx', '/shared-things', 'shared-things/', '/'])(
  'a copy of %s, which is no object, is refused',
  async (from) => {
    const headers = { 'x-amz-copy-source': from };
    expect(await told('PUT /shared-things/copy', { headers })).toMatch(/^400 .*InvalidArgument/);
  },
);

test('a bucket is kept from the public, unless its stack says otherwise', async () => {
  const everybody = (Bucket: object, more: object = {}) => ({
    Type: 'AWS::S3::BucketPolicy',
    Properties: { Bucket, PolicyDocument: allow('s3:GetObject', 'arn:aws:s3:::*', { Principal: '*', ...more }) },
  });
  const bucket = (name: string, PublicAccessBlockConfiguration?: object) => ({
    Type: 'AWS::S3::Bucket',
    Properties: { BucketName: name, ...(PublicAccessBlockConfiguration && { PublicAccessBlockConfiguration }) },
  });
  const deploy = (Bucket: object, Policy = everybody({ Ref: 'Bucket' })) =>
    local.deploy(writeAssembly({ Public: { ...ENV, template: { Resources: { Bucket, Policy } as never } } }));
  await expect(deploy(bucket('public-things'))).rejects.toThrow('public policies are blocked by the BlockPublicPolicy');
  const open = { BlockPublicPolicy: false, RestrictPublicBuckets: false };
  await deploy(bucket('public-things', open));
  await ask('PUT /public-things/k', { body: 'for all' });
  expect(await told('GET /public-things/k', { as: STRANGER })).toBe('200 for all');
  await expect(local.destroy(['Public'])).rejects.toThrow('not empty');
  await deploy(bucket('public-things', { ...open, RestrictPublicBuckets: true }));
  expect(await told('GET /public-things/k', { as: STRANGER })).toMatch(/^403 .*no resource-based policy allows/);
  expect(await told('GET /public-things/k')).toBe('200 for all');
  const ofOne = { Condition: { StringEquals: { 'aws:PrincipalAccount': '222222222222' } } };
  await deploy(bucket('public-things'), everybody({ Ref: 'Bucket' }, ofOne));
  expect(await told('GET /public-things/k', { as: STRANGER })).toBe('200 for all');
});
