/** The ARN of an SSM parameter; the slash that leads a hierarchical name is not written twice. */
export function parameterArn(
  { partition, region, account }: { readonly partition: string; readonly region: string; readonly account: string },
  name: string,
): string {
  return `arn:${partition}:ssm:${region}:${account}:parameter/${name.replace(/^\//, '')}`;
}
