/** A stack as CloudFormation is given it: its template and those of the stacks nested in it, which lie in S3. */
import type { AssemblyStack } from '../../assembly/read-assembly';
import { partitionOf } from '../../engine/stack-scope';
import type { RequiredPermission } from '../../resources/provider';
import { type CloudFormationCall, objectText, validationError } from './cloudformation-call';
import { parseTemplate, type SubmittedTemplate } from './read-template';

/** Stacks nested in each other deeper than this contain each other. */
const DEPTH_MAX = 10;

export function submittedStack(
  call: CloudFormationCall,
  stackName: string,
  { template, text }: SubmittedTemplate,
  parameters: Readonly<Record<string, string>>,
  demand: (asked: RequiredPermission) => void,
  depth = 0,
): AssemblyStack {
  if (depth > DEPTH_MAX) throw validationError(`nested stacks contain each other: ${stackName}`);
  const { account, region } = call;
  const paths = new Map<string, string>();
  const nested = new Map<string, AssemblyStack>();
  for (const [logicalId, { Metadata, Properties, Type }] of Object.entries(template.Resources ?? {})) {
    const path = Metadata?.['aws:cdk:path'];
    if (typeof path === 'string') paths.set(logicalId, path);
    const inner =
      Type === 'AWS::CloudFormation::Stack' ? nestedTemplate(call, Properties?.['TemplateURL'], demand) : undefined;
    if (inner !== undefined) {
      const submitted = { text: inner, template: parseTemplate(inner) };
      nested.set(logicalId, submittedStack(call, logicalId, submitted, {}, demand, depth + 1));
    }
  }
  return {
    id: stackName,
    stackName,
    displayName: stackName,
    account,
    region,
    template,
    templateBytes: Buffer.byteLength(text),
    parameters,
    dependencies: [],
    assets: [],
    constructPaths: paths,
    annotations: [],
    nested,
  };
}

/** The address holds intrinsic functions for account and region; the qualifier and the key, a hash, are literal. */
function nestedTemplate(
  call: CloudFormationCall,
  url: unknown,
  demand: (asked: RequiredPermission) => void,
): string | undefined {
  const text = JSON.stringify(url ?? '');
  const [, qualifier] = /cdk-([a-z0-9]{1,10})-assets-/.exec(text) ?? [];
  const [key] = /[0-9a-f]{64}\.json/.exec(text) ?? [];
  if (qualifier === undefined || key === undefined) return undefined;
  const bucket = `cdk-${qualifier}-assets-${call.account}-${call.region}`;
  try {
    demand({ action: 's3:GetObject', resource: `arn:${partitionOf(call.region)}:s3:::${bucket}/${key}` });
  } catch (error) {
    throw validationError(error instanceof Error ? error.message : String(error));
  }
  return objectText(call, bucket, key);
}
