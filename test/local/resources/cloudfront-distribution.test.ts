/** What CloudFront does not take is refused when it is deployed. */
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

const deploy = (Type: string, Properties: Readonly<Record<string, unknown>>) =>
  local.deploy(writeAssembly({ S: { template: { Resources: { One: { Type, Properties } } } } }));

const distribution = (headerName: string, config: object = {}) =>
  deploy('AWS::CloudFront::Distribution', {
    DistributionConfig: {
      Enabled: true,
      DefaultCacheBehavior: { TargetOriginId: 'o', ViewerProtocolPolicy: 'allow-all' },
      Origins: [
        {
          Id: 'o',
          DomainName: 'localhost',
          CustomOriginConfig: { OriginProtocolPolicy: 'http-only' },
          OriginCustomHeaders: [{ HeaderName: headerName, HeaderValue: 'x' }],
        },
      ],
      ...config,
    },
  });

test.each(['Cache-Control', 'Host', 'If-Match', 'Proxy-Authorization', 'X-Amz-Date', 'X-Edge-A', 'X-Real-Ip'])(
  'an origin cannot have the custom header %s',
  async (name) => {
    await expect(distribution(name)).rejects.toThrow(
      `HeaderName' must be a header that CloudFront lets an origin add, got '${name}'`,
    );
  },
);

test('an error page is for the statuses that may have one', async () => {
  const page = { ErrorCode: 401, ResponsePagePath: '/401.html', ResponseCode: 401 };
  await expect(distribution('X-Own', { CustomErrorResponses: [page] })).rejects.toThrow(
    "ErrorCode' must be one of 400, 403, 404",
  );
});

test('a CloudFront Function has 10 KB of code and not one byte more', async () => {
  const code = (bytes: number) => {
    const handler = 'function handler(event) { return event.request; }';
    return deploy('AWS::CloudFront::Function', {
      Name: 'f',
      FunctionCode: handler + ' '.repeat(bytes - handler.length),
      FunctionConfig: { Comment: '', Runtime: 'cloudfront-js-2.0' },
    });
  };
  await expect(code(10_241)).rejects.toThrow("FunctionCode' must have at most 10240 bytes, and has 10241");
  await code(10_240);
});
