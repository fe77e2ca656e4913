/** Bodies of uploads that are not what their headers say, over a socket; and AWS's own examples of signed chunks. */
import { createHash, createHmac } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import { SignatureV4 } from '@smithy/signature-v4';
import { systemClock } from '../../../../src/local/clock';
import { chunkSignatures } from '../../../../src/local/http/chunk-signature';
import { readSignature } from '../../../../src/local/http/request-signature';
import { type HttpServer, startHttpServer } from '../../../../src/local/http/server';
import { createAuthenticator } from '../../../../src/local/http/sigv4';
import { administratorOf } from '../../../../src/local/iam/assume-role';
import { checksumAlgorithm, newChecksum } from '../../../../src/local/services/s3/checksums';
import { ObjectStore } from '../../../../src/local/services/s3/object-store';
import { receiveBody } from '../../../../src/local/services/s3/receive-body';
import { createS3Route } from '../../../../src/local/services/s3/s3-route';
import { emptyState } from '../../../../src/local/state';
import { Sha256 } from '../../http/sign-request';

const CREDENTIALS = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
};
const BUCKET = {
  bucketName: 'examplebucket',
  bucketId: 'b',
  account: '111111111111',
  region: 'us-east-1',
  createdAt: 0,
};
const PRINCIPAL = administratorOf(BUCKET.account);
const HASH = (bytes: string | Buffer) => createHash('sha256').update(bytes).digest('hex');
const BODY = Buffer.from('some bytes '.repeat(2_000));

let server: HttpServer;
let folder: string | undefined;
const store = new ObjectStore((made) => {
  folder = made;
});
/** Whether the caller may: asked before the body is read. */
let isAllowed = true;
beforeAll(async () => {
  const state = emptyState();
  state.buckets.set(BUCKET.bucketName, BUCKET);
  const lookup = (id: string) =>
    id === CREDENTIALS.accessKeyId ? { secretAccessKey: CREDENTIALS.secretAccessKey, principal: PRINCIPAL } : undefined;
  const authenticate = createAuthenticator(lookup, systemClock);
  const authorize = () =>
    isAllowed
      ? ({ allowed: true, reason: '' } as never)
      : ({ allowed: false, reason: 'no', message: 'not allowed' } as never);
  server = await startHttpServer([createS3Route({ state, store, authenticate, authorize })]);
});
afterAll(async () => {
  await server.stop();
  store.close();
});
beforeEach(() => {
  isAllowed = true;
});

const files = () => (folder === undefined ? [] : readdirSync(folder));

async function signed(headers: Record<string, string>, path = '/examplebucket/key') {
  const { hostname, port, host } = new URL(server.url);
  const signer = new SignatureV4({ credentials: CREDENTIALS, region: 'us-east-1', service: 's3', sha256: Sha256 });
  const request = {
    method: 'PUT',
    protocol: 'http:',
    hostname,
    port: Number(port),
    path,
    headers: { ...headers, host },
  };
  return (await signer.sign(request)).headers;
}

/** Status and code of the answer to a PUT, and whether it left a file. */
async function put(headers: Record<string, string>, body: string | Buffer, sent?: Record<string, string>) {
  const before = files().length;
  const all = { ...(await signed(headers)), ...sent };
  const answer = await new Promise<string>((resolve, reject) => {
    const outgoing = httpRequest(`${server.url}/examplebucket/key`, { method: 'PUT', headers: all }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () => resolve(`${response.statusCode} ${Buffer.concat(parts).toString()}`));
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
  const [, code = ''] = /<Code>(.*)<\/Code>/.exec(answer) ?? [];
  store.delete(BUCKET.bucketId, 'key');
  return [answer.slice(0, 3), code, files().length - before].join(' ').replace('  ', ' ');
}

/** Signs and wraps `pieces` as a client does that knows nothing of the target. */
async function inChunks(pieces: readonly Buffer[], trailer?: string, damage: 'chunk' | 'trailer' | 'none' = 'none') {
  const size = pieces.reduce((sum, piece) => sum + piece.length, 0);
  const headers = await signed({
    'content-encoding': 'aws-chunked',
    'x-amz-content-sha256': `STREAMING-AWS4-HMAC-SHA256-PAYLOAD${trailer === undefined ? '' : '-TRAILER'}`,
    'x-amz-decoded-content-length': String(size),
    ...(trailer !== undefined && { 'x-amz-trailer': 'x-amz-checksum-crc32' }),
  });
  const [, scope = '', seed = ''] =
    /Credential=[^/]+\/([^,]+),.*Signature=(.*)/.exec(headers.authorization ?? '') ?? [];
  const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();
  const key = scope.split('/').reduce<Buffer>(hmac, Buffer.from(`AWS4${CREDENTIALS.secretAccessKey}`));
  let previous = seed;
  const sign = (kind: string, rest: string) => {
    previous = hmac(key, `AWS4-HMAC-SHA256-${kind}\n${headers['x-amz-date']}\n${scope}\n${previous}\n${rest}`).toString(
      'hex',
    );
    return previous;
  };
  const chunks = [...pieces, Buffer.alloc(0)].flatMap((piece) => {
    const signature = sign('PAYLOAD', `${HASH('')}\n${HASH(piece)}`);
    return [Buffer.from(`${piece.length.toString(16)};chunk-signature=${signature}\r\n`), piece, Buffer.from('\r\n')];
  });
  const line = `x-amz-checksum-crc32:${trailer}`;
  const end =
    trailer === undefined ? '' : `${line}\r\nx-amz-trailer-signature:${sign('TRAILER', HASH(`${line}\n`))}\r\n\r\n`;
  // The empty chunk has no bytes and so no end of its own before trailers.
  const body = Buffer.concat([...chunks.slice(0, trailer === undefined ? undefined : -1), Buffer.from(end)]);
  const at = damage === 'chunk' ? body.indexOf('\r\n') + 9 : body.length - 10;
  if (damage !== 'none') body[at] = body[at] === 0x61 ? 0x62 : 0x61;
  return { headers, body };
}

const crcOf = (bytes: Buffer) => {
  const word = Buffer.alloc(4);
  word.writeUInt32BE(crc32(bytes));
  return word.toString('base64');
};
const sum = (algorithm: string, bytes: Buffer) => {
  const checksum = newChecksum(algorithm);
  checksum.update(bytes);
  return checksum.digest();
};

test('a body that is not what its headers say is refused, and leaves no file', async () => {
  const sha = { 'x-amz-content-sha256': HASH(BODY) };
  const answers = {
    right: await put({ ...sha, 'x-amz-checksum-crc32': crcOf(BODY) }, BODY),
    'other hash': await put({ 'x-amz-content-sha256': HASH('x') }, BODY),
    'no hash': await put({}, BODY, { 'x-amz-content-sha256': [] as never }),
    'no such form': await put({ 'x-amz-content-sha256': 'SIGNED' }, BODY),
    'other MD5': await put({ ...sha, 'content-md5': createHash('md5').digest('base64') }, BODY),
    'no MD5': await put({ ...sha, 'content-md5': 'abc' }, BODY),
    'other crc32': await put({ ...sha, 'x-amz-checksum-crc32': crcOf(Buffer.from('x')) }, BODY),
    'other crc32c': await put({ ...sha, 'x-amz-checksum-crc32c': 'AAAAAA==' }, BODY),
    'no crc32': await put({ ...sha, 'x-amz-checksum-crc32': 'AA' }, BODY),
    'no length': await put(sha, BODY, { 'transfer-encoding': 'chunked' }),
    'chunks without a length': await put({ 'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER' }, BODY),
    'unsigned hash': await put({ 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' }, BODY, sha),
  };
  expect(answers).toEqual({
    right: '200 0',
    'other hash': '400 XAmzContentSHA256Mismatch 0',
    'no hash': '400 InvalidRequest 0',
    'no such form': '400 InvalidArgument 0',
    'other MD5': '400 BadDigest 0',
    'no MD5': '400 InvalidDigest 0',
    'other crc32': '400 BadDigest 0',
    'other crc32c': '400 BadDigest 0',
    'no crc32': '400 InvalidRequest 0',
    'no length': '501 NotImplemented 0',
    'chunks without a length': '411 MissingContentLength 0',
    'unsigned hash': '403 SignatureDoesNotMatch 0',
  });
});

test('chunks with a checksum behind them are what was in them', async () => {
  const send = (
    body: string,
    length: number,
    trailer = 'x-amz-checksum-crc32',
    before: Record<string, string> = {},
  ) => {
    const form = { 'content-encoding': 'aws-chunked', 'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER' };
    return put({ ...form, ...before, 'x-amz-decoded-content-length': String(length), 'x-amz-trailer': trailer }, body);
  };
  const text = BODY.toString();
  const chunk = (bytes: string) => `${bytes.length.toString(16)}\r\n${bytes}\r\n`;
  const end = (checksum: string) => `0\r\nx-amz-checksum-crc32:${checksum}\r\n\r\n`;
  const whole = chunk(text.slice(0, 9_000)) + chunk(text.slice(9_000)) + end(crcOf(BODY));
  const answers = {
    whole: await send(whole, text.length),
    'other checksum before': await send(whole, text.length, undefined, {
      'x-amz-checksum-crc32': crcOf(Buffer.from('x')),
    }),
    'other checksum': await send(chunk(text) + end(crcOf(Buffer.from('x'))), text.length),
    'other length': await send(whole, text.length - 1),
    'no checksum': await send(`${chunk(text)}0\r\n\r\n`, text.length),
    'another trailer': await send(whole, text.length, 'x-amz-checksum-sha1'),
    'no end': await send(chunk(text), text.length),
    'no chunks': await send('hello', 5),
    'a small chunk before others': await send(chunk('small') + chunk(text) + end(crcOf(BODY)), text.length + 5),
  };
  expect(answers).toEqual({
    whole: '200 0',
    'other checksum before': '400 BadDigest 0',
    'other checksum': '400 BadDigest 0',
    'other length': '400 IncompleteBody 0',
    'no checksum': '400 MalformedTrailerError 0',
    'another trailer': '400 MalformedTrailerError 0',
    'no end': '400 IncompleteBody 0',
    'no chunks': '400 IncompleteBody 0',
    'a small chunk before others': '403 InvalidChunkSizeError 0',
  });
});

test('each chunk has its signature', async () => {
  const pieces = [BODY.subarray(0, 9_000), BODY.subarray(9_000)];
  const right = crcOf(BODY);
  const of = async (...asked: Parameters<typeof inChunks>) => {
    const { body, headers } = await inChunks(...asked);
    return put({}, body, headers);
  };
  expect({
    signed: await of(pieces),
    'one byte changed': await of(pieces, undefined, 'chunk'),
    trailers: await of(pieces, right),
    'signature of trailers changed': await of(pieces, right, 'trailer'),
    'checksum wrong, but signed': await of(pieces, crcOf(Buffer.from('x'))),
  }).toEqual({
    signed: '200 0',
    'one byte changed': '403 SignatureDoesNotMatch 0',
    trailers: '200 0',
    'signature of trailers changed': '403 SignatureDoesNotMatch 0',
    'checksum wrong, but signed': '400 BadDigest 0',
  });
});

test('who may not write sends nothing to disk, and an upload that is cut leaves nothing there', async () => {
  isAllowed = false;
  const written: number[] = [];
  const newFile = jest.spyOn(store, 'newFile');
  expect(await put({ 'x-amz-content-sha256': HASH(BODY) }, BODY)).toBe('403 AccessDenied 0');
  expect(await put({ 'x-amz-content-sha256': HASH(BODY) }, BODY, { 'x-amz-date': '20200101T000000Z' })).toMatch(
    /^403 /,
  );
  expect(newFile).not.toHaveBeenCalled();
  isAllowed = true;
  const headers = await signed({ 'x-amz-content-sha256': HASH(BODY) });
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const socket = connect(server.port, '127.0.0.1');
  socket.write(`PUT /examplebucket/key HTTP/1.1\r\n${lines.join('')}content-length: ${BODY.length}\r\n\r\nsome`);
  while (newFile.mock.calls.length === 0 || files().length === 0)
    await new Promise((resolve) => setTimeout(resolve, 5));
  written.push(files().length);
  socket.destroy();
  while (files().length > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(written).toEqual([1]);
  newFile.mockRestore();
});

/** https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html and sigv4-streaming-trailers.html */
test.each([
  [
    'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
    { 'content-length': '66824' },
    '4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9',
    [
      'ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648',
      '0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497',
      'b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9',
    ],
    '\r\n',
  ],
  [
    'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER',
    { 'x-amz-trailer': 'x-amz-checksum-crc32c' },
    '106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e',
    [
      'b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2',
      '1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7',
      '2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992',
    ],
    'x-amz-checksum-crc32c:sOO8/Q==\r\n' +
      'x-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n',
  ],
])("AWS's example of %s", async (form, more, seed, [first, second, last], end) => {
  const headers = {
    host: 's3.amazonaws.com',
    'content-encoding': 'aws-chunked',
    'x-amz-content-sha256': form,
    'x-amz-date': '20130524T000000Z',
    'x-amz-decoded-content-length': '66560',
    'x-amz-storage-class': 'REDUCED_REDUNDANCY',
    ...more,
  };
  const authorization = `AWS4-HMAC-SHA256 Credential=${CREDENTIALS.accessKeyId}/20130524/us-east-1/s3/aws4_request,SignedHeaders=${Object.keys(headers).sort().join(';')},Signature=${seed}`;
  const request = {
    method: 'PUT',
    url: '/examplebucket/chunkObject.txt',
    headers: { ...headers, authorization },
    body: Buffer.alloc(0),
  };
  const clock = { ...systemClock, now: () => Date.parse('2013-05-24T00:00:00Z') };
  const identity = createAuthenticator(() => ({ ...CREDENTIALS, principal: PRINCIPAL }), clock)(request, 's3');
  expect(identity.authenticated).toBe(true);
  const signature = readSignature(request);
  if (!signature) throw new Error('no signature');
  const receive = async (byte: string) => {
    const file = join(mkdtempSync(join(tmpdir(), 's3-chunks-')), 'body');
    const body = `10000;chunk-signature=${first}\r\n${'a'.repeat(65_536)}\r\n400;chunk-signature=${second}\r\n${byte.repeat(1_024)}\r\n0;chunk-signature=${last}\r\n${end}`;
    const stream = Object.assign(Readable.from([Buffer.from(body)]), { headers });
    const signatures = chunkSignatures(CREDENTIALS.secretAccessKey, signature);
    try {
      const { size } = await receiveBody(stream, file, signatures);
      return [size, readFileSync(file).every((each) => each === 0x61)];
    } finally {
      rmSync(join(file, '..'), { recursive: true });
    }
  };
  expect(await receive('a')).toEqual([66_560, true]);
  await expect(receive('b')).rejects.toThrow('SignatureDoesNotMatch');
});

/** https://reveng.sourceforge.io/crc-catalogue/all.htm: the check values of CRC-32/ISCSI and CRC-64/NVME */
test('checksums have the check values of their catalogue', () => {
  const digits = Buffer.from('123456789');
  expect(sum('crc32', digits).toString('hex')).toBe('cbf43926');
  expect(sum('crc32c', digits).toString('hex')).toBe('e3069283');
  expect(sum('crc64nvme', digits).toString('hex')).toBe('ae8b14860a799888');
  expect(sum('sha1', digits).toString('hex')).toBe(createHash('sha1').update(digits).digest('hex'));
  expect(checksumAlgorithm('x-amz-checksum-mode')).toBeUndefined();
});
