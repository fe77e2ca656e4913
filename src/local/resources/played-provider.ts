/**
 * What the custom resources need that are played here without their provider: on AWS the provider does it, in its role, and
 * so nobody gets more by them than that role may, or whoever deploys.
 */

import { ownMember } from '../own-member';
import { exportsOf } from './cross-region-exports';
import type { Properties } from './properties';
import type { RequiredPermission, ResourceContext } from './provider';
import { parameterArn } from './ssm-parameter';

type Needs = (context: ResourceContext, properties: Properties) => RequiredPermission[];

const NEEDS: Readonly<Record<string, Needs>> = {
  'Custom::CDKBucketDeployment': (context, properties) => {
    const keys = properties.texts('SourceObjectKeys');
    const sources = properties
      .texts('SourceBucketNames')
      .map((bucket, i) => need('s3:GetObject', objects(context, bucket, keys[i] ?? '*')));
    return [...sources, need('s3:PutObject', objects(context, properties.text('DestinationBucketName')))];
  },
  'Custom::CrossRegionExportWriter': (context, properties) =>
    exportsOf(context, properties).map(([arn]) => need('ssm:PutParameter', arn)),
  'Custom::CrossRegionStringParameterReader': (context, properties) => {
    const place = { ...context, region: properties.text('Region') };
    return [need('ssm:GetParameter', parameterArn(place, properties.text('ParameterName')))];
  },
  'Custom::LogRetention': ({ account, partition, region }, properties) => {
    const place = `${properties.optionalText('LogGroupRegion') ?? region}:${account}`;
    const arn = `arn:${partition}:logs:${place}:log-group:${properties.text('LogGroupName')}`;
    return [need('logs:PutRetentionPolicy', arn)];
  },
  'Custom::S3AutoDeleteObjects': (context, properties) => [
    need('s3:DeleteObject', objects(context, properties.text('BucketName'))),
  ],
};

const need = (action: string, resource: string): RequiredPermission => ({ action, resource });

const objects = ({ partition }: ResourceContext, bucket: string, key = '*') => `arn:${partition}:s3:::${bucket}/${key}`;

/** None for a type whose provider runs, or that is no custom resource. */
export function playedPermissions(
  type: string,
  context: ResourceContext,
  properties: Properties,
): RequiredPermission[] {
  return ownMember(NEEDS, type)?.(context, properties) ?? [];
}
