/**
 * The custom resources by which the CDK takes a value from a stack of another region: the writer keeps it as an SSM
 * parameter of that region, the reader gives it (`crossRegionReferences: true`, aws-cdk-lib/core).
 */

import type { Properties } from './properties';
import type { ResourceContext, ResourceProvider, ResourceValues } from './provider';
import { parameterArn } from './ssm-parameter';

export const crossRegionExportWriter: ResourceProvider = {
  type: 'Custom::CrossRegionExportWriter',
  properties: ['WriterProps'],
  withoutEffect: ['ServiceTimeout', 'ServiceToken'],
  replacedBy: [],
  create: write,
  update(context, properties, previous) {
    forget(context, previous.properties);
    return write(context, properties);
  },
  delete: (context, previous) => forget(context, previous.properties),
};

export const crossRegionExportReader: ResourceProvider = {
  type: 'Custom::CrossRegionExportReader',
  properties: ['ReaderProps'],
  withoutEffect: ['ServiceTimeout', 'ServiceToken'],
  replacedBy: [],
  create: read,
  update: (context, properties) => read(context, properties),
  delete: () => undefined,
};

/** By which `cloudfront.experimental.EdgeFunction` finds its version in us-east-1. */
export const crossRegionParameterReader: ResourceProvider = {
  type: 'Custom::CrossRegionStringParameterReader',
  properties: ['ParameterName', 'Region'],
  withoutEffect: ['RefreshToken', 'ServiceTimeout', 'ServiceToken'],
  replacedBy: [],
  create: readParameter,
  update: (context, properties) => readParameter(context, properties),
  delete: () => undefined,
};

function readParameter(context: ResourceContext, properties: Properties): ResourceValues {
  const name = properties.text('ParameterName');
  const value = context.state.parameters.get(parameterArn({ ...context, region: properties.text('Region') }, name));
  if (value === undefined)
    throw new Error(`no stack here has defined the parameter ${name} in ${properties.text('Region')}`);
  return { physicalId: context.logicalId, attributes: { FunctionArn: value } };
}

function write(context: ResourceContext, properties: Properties): ResourceValues {
  for (const [arn, value] of exportsOf(context, properties)) context.state.parameters.set(arn, value);
  return { physicalId: context.logicalId, attributes: {} };
}

function forget(context: ResourceContext, properties: Properties): void {
  for (const [arn] of exportsOf(context, properties)) context.state.parameters.delete(arn);
}

/** ARN and value of each parameter that a writer keeps. */
export function exportsOf(context: ResourceContext, properties: Properties): [arn: string, value: string][] {
  const writer = properties.object('WriterProps');
  const place = { ...context, region: writer.text('region') };
  return Object.entries(writer.object('exports').values).map(([name, value]) => [
    parameterArn(place, name),
    String(value),
  ]);
}

function read(context: ResourceContext, properties: Properties): ResourceValues {
  return { physicalId: context.logicalId, attributes: properties.object('ReaderProps').object('imports').values };
}
