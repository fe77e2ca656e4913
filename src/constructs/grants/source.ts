/**
 * The source a service may call on behalf of. Without one, any customer of that service could have it call us:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
 */
import { Token } from 'aws-cdk-lib/core';
import { StreamingConstructError } from '../problems/construct-error';
import type { GrantedFunction } from './granted-function';
import type { Grantee } from './grantee';
import type { Conditions } from './resource-statement';

export interface Source {
  readonly sourceArn?: string;
  readonly sourceAccount?: string;
}

const SOURCE_KEYS = ['aws:sourcearn', 'aws:sourceaccount', 'aws:sourceorgid', 'aws:sourceorgpaths'];

/** Conditions for `source`; a service that comes without any source may call for the function's own account only. */
export function sourceConditions(granted: GrantedFunction, grantee: Grantee, source: Source): Conditions {
  const { sourceArn } = source;
  if (grantee.statement.kind !== 'service') {
    if (sourceArn === undefined && source.sourceAccount === undefined) return {};
    throw new StreamingConstructError(
      granted.scope,
      'SourceWithoutService',
      `sourceArn and sourceAccount say for whom a service calls, but the grantee is ${String(grantee.principal)}; pass an iam.ServicePrincipal, or leave them out`,
    );
  }
  checkFormats(granted, source);
  const sourceAccount = source.sourceAccount ?? (needsAccount(grantee, sourceArn) ? granted.account : undefined);
  return {
    ...(sourceArn !== undefined && { ArnLike: { 'aws:SourceArn': sourceArn } }),
    ...(sourceAccount !== undefined && { StringEquals: { 'aws:SourceAccount': sourceAccount } }),
  };
}

/** An ARN with an account says enough; that of an S3 bucket has none, and a bucket's name may change hands. */
function needsAccount(grantee: Grantee, sourceArn: string | undefined): boolean {
  if (sourceArn !== undefined) return sourceArn.startsWith('arn:') && sourceArn.split(':')[4] === '';
  const keys = Object.values(grantee.conditions).flatMap((condition) => Object.keys(condition));
  return !keys.some((key) => SOURCE_KEYS.includes(key.toLowerCase()));
}

function checkFormats(granted: GrantedFunction, { sourceArn, sourceAccount }: Source): void {
  const isWrong = (value: string | undefined, right: RegExp) =>
    value !== undefined && !Token.isUnresolved(value) && !right.test(value);
  if (isWrong(sourceArn, /^arn:/)) {
    throw new StreamingConstructError(
      granted.scope,
      'SourceFormat',
      `sourceArn must be an ARN, arn:<partition>:<service>:<region>:<account>:<resource>, got '${sourceArn}'`,
    );
  }
  if (isWrong(sourceAccount, /^\d{12}$/)) {
    throw new StreamingConstructError(
      granted.scope,
      'SourceFormat',
      `sourceAccount must be an account id of 12 digits, got '${sourceAccount}'`,
    );
  }
}
