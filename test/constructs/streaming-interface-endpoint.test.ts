import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import { StreamingFunctionReference, StreamingInterfaceEndpoint } from 'cdk-lambda-streaming';
import { A, B, LIVE, propertiesOf, streamingFunction, twoAccounts } from './two-accounts';

const FOREIGN = `arn:aws:lambda:us-east-1:${B}:function:prov:live`;

describe('StreamingInterfaceEndpoint', () => {
  test('leads to the Lambda API, for the aliases that were named', () => {
    const { a } = twoAccounts();
    const functions = [streamingFunction(a), StreamingFunctionReference.fromArn(a, 'Foreign', FOREIGN)];
    new StreamingInterfaceEndpoint(a, 'Endpoint', { vpc: new ec2.Vpc(a, 'Vpc'), functions });

    expect(propertiesOf(a, 'AWS::EC2::VPCEndpoint')).toEqual([
      expect.objectContaining({
        ServiceName: 'com.amazonaws.us-east-1.lambda',
        VpcEndpointType: 'Interface',
        PrivateDnsEnabled: true,
        PolicyDocument: {
          Version: '2012-10-17',
          Statement: [
            {
              Action: 'lambda:InvokeFunction',
              Effect: 'Allow',
              Principal: { AWS: '*' },
              Resource: [LIVE, FOREIGN],
            },
          ],
        },
      }),
    ]);
  });

  test('may be kept to some callers', () => {
    const { a } = twoAccounts();
    new StreamingInterfaceEndpoint(a, 'Endpoint', {
      vpc: new ec2.Vpc(a, 'Vpc'),
      functions: [streamingFunction(a)],
      callers: [new iam.ArnPrincipal(`arn:aws:iam::${A}:role/Caller`)],
      privateDnsEnabled: false,
    });
    const [endpoint] = propertiesOf(a, 'AWS::EC2::VPCEndpoint');
    expect(endpoint).toMatchObject({
      PrivateDnsEnabled: false,
      PolicyDocument: { Statement: [{ Principal: { AWS: `arn:aws:iam::${A}:role/Caller` } }] },
    });
  });

  test('without functions is refused', () => {
    const { a } = twoAccounts();
    const vpc = new ec2.Vpc(a, 'Vpc');
    expect(() => new StreamingInterfaceEndpoint(a, 'Endpoint', { vpc, functions: [] })).toThrow(/functions is empty/);
  });
});
