/** What no response could have as a header is refused when it is deployed. */
import { type LocalTarget, startLocal } from 'cdk-lambda-streaming/local';
import { removeFolders, writeAssembly } from '../engine/write-assembly';

let local: LocalTarget;
beforeAll(async () => {
  local = await startLocal();
});
afterAll(async () => {
  await local.stop();
  removeFolders();
});

const custom = (Header: string, Value = 'x') => ({
  CustomHeadersConfig: { Items: [{ Header, Value, Override: true }] },
});

test.each<[object, RegExp]>([
  [
    custom('Content-Length', '5'),
    /Header' must not be a header that says how the response is sent, got 'Content-Length'/,
  ],
  [custom('transfer-encoding'), /Header' must not be/],
  [custom('connection'), /Header' must not be/],
  [custom('a b'), /Header' must be the name of an HTTP header/],
  [custom('x-a', 'a\r\nb: c'), /Value' must be a header value/],
  [custom('x-a', '…'), /Value' must be a header value/],
  [
    { SecurityHeadersConfig: { FrameOptions: { FrameOption: 'ALLOW', Override: true } } },
    /FrameOption' must be one of DENY, SAMEORIGIN/,
  ],
  [
    { CorsConfig: { AccessControlAllowCredentials: true, AccessControlAllowOrigins: { Items: ['*'] } } },
    /AccessControlAllowCredentials' must not be true where '\*' is among/,
  ],
])('%j', async (config, message) => {
  const Type = 'AWS::CloudFront::ResponseHeadersPolicy';
  const Properties = { ResponseHeadersPolicyConfig: { Name: 'p', ...config } };
  const template = { Resources: { Policy: { Type, Properties } } };
  await expect(local.deploy(writeAssembly({ S: { template } }))).rejects.toThrow(message);
});
