/**
 * Whether a policy lets everybody in, as S3 Block Public Access reads it.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status
 */
import type { PolicyDocument, PolicyStatement } from '../policy-document';
import { statementsOf } from './statement';

/** Keys that make a statement less than public where they have fixed values. */
const LIMITS =
  /^(?:aws:(?:source(?:ip|arn|vpc|vpce|owner|account)|userid|principal(?:orgid|orgpaths|arn|account))|s3:(?:dataaccesspoint(?:arn|account)|x-amz-server-side-encryption-aws-kms-key-id))$/i;
const POSITIVE = /^(?:ForAnyValue:)?(?:String(?:Equals|Like|EqualsIgnoreCase)|Arn(?:Equals|Like)|IpAddress)$/i;

/** Whether a statement allows something to everybody. */
export function isPublicPolicy(document: PolicyDocument): boolean {
  return statementsOf(document).some(
    (statement) => statement.Effect === 'Allow' && isForEverybody(statement) && !isLimited(statement),
  );
}

function isForEverybody({ NotPrincipal, Principal }: PolicyStatement): boolean {
  if (NotPrincipal !== undefined) return true;
  if (typeof Principal !== 'object' || Principal === null) return Principal === '*';
  return [(Principal as { readonly AWS?: unknown }).AWS].flat().includes('*');
}

function isLimited({ Condition }: PolicyStatement): boolean {
  return Object.entries(Condition ?? {}).some(
    ([operator, keys]) =>
      POSITIVE.test(operator) &&
      Object.entries(keys as Readonly<Record<string, unknown>>).some(
        ([key, values]) => LIMITS.test(key) && [values].flat().every((value) => !/\*|\$\{|\/0$/.test(String(value))),
      ),
  );
}
