import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type { Stack } from 'aws-cdk-lib/core';
import { findings, restIn, urlIn } from './findings';

test('a function in a VPC behind a URL, not behind a REST API', () => {
  const vpcIn = (stack: Stack) =>
    new ec2.Vpc(stack, 'Vpc', {
      natGateways: 0,
      subnetConfiguration: [{ name: 'a', subnetType: ec2.SubnetType.PRIVATE_ISOLATED }],
    });
  const inVpc = (stack: Stack) => ({
    vpc: vpcIn(stack),
    vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_ISOLATED },
  });
  expect(findings('VpcUrl', (stack) => urlIn(stack, inVpc(stack)))).toHaveLength(1);
  expect(findings('VpcUrl', (stack) => restIn(stack, { fn: inVpc(stack) }))).toEqual([]);
});
