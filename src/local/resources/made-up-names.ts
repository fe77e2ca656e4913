/**
 * Names, ids, ARNs and attributes of resources that do nothing here, in the form AWS gives them: an app cuts them into
 * pieces and puts them into policies, environment variables and outputs. What nobody wrote down follows a rule.
 */

import { createHash } from 'node:crypto';
import { ownMember } from '../own-member';

/** Where a made-up resource is. */
export interface MadeUpPlace {
  readonly account: string;
  readonly region: string;
  readonly partition: string;
}

/** Fills `{name}`, `{account}`, `{region}`, `{partition}`, `{id10}`, `{ID13}`, `{hex17}` and `{uuid}`; ids follow from the name. */
export function fillPattern(pattern: string, name: string, place: MadeUpPlace): string {
  const digest = createHash('sha256').update(name).digest('hex');
  const letters = BigInt(`0x${digest}`).toString(36);
  return pattern.replace(/\{(\w+)\}/g, (placeholder, key: string) => {
    const [, kind, length] = /^(id|ID|hex)(\d+)$/.exec(key) ?? [];
    if (kind === 'hex') return digest.slice(0, Number(length));
    if (kind !== undefined)
      return kind === 'ID' ? letters.slice(0, Number(length)).toUpperCase() : letters.slice(0, Number(length));
    if (key === 'uuid') return digest.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');
    if (key === 'name') return name;
    return key in place ? place[key as keyof MadeUpPlace] : placeholder;
  });
}

/** Services whose ARNs and hosts do not use the name that their types have. */
const SERVICES: Readonly<Record<string, string>> = {
  ApplicationAutoScaling: 'application-autoscaling',
  CertificateManager: 'acm',
  CloudWatch: 'cloudwatch',
  Cognito: 'cognito-idp',
  ElasticLoadBalancingV2: 'elasticloadbalancing',
  OpenSearchService: 'es',
  RDS: 'rds',
  StepFunctions: 'states',
};

const ITEMS_OF_A_LIST = 4;

/**
 * An attribute of a resource whose type says nothing about it.
 * @param type for example `AWS::S3::Bucket`
 * @param attribute as `Fn::GetAtt` names it
 * @param physicalId what `Ref` gives
 */
export function madeUpAttribute(
  type: string,
  attribute: string,
  physicalId: string,
  place: MadeUpPlace,
): string | readonly string[] {
  const [provider = '', owner = '', resource = ''] = type.split('::');
  const service = ownMember(SERVICES, owner) ?? (provider === 'AWS' ? owner.toLowerCase() : 'cloudformation');
  const kind = resource === '' ? 'custom' : resource.charAt(0).toLowerCase() + resource.slice(1);
  // The id of a resource may be an ARN already; only its last part is a name.
  const name = physicalId.split(/[:/]/).at(-1) ?? physicalId;
  const host = `${name.toLowerCase()}.${service}.{region}.amazonaws.com`;
  const fill = (pattern: string) => fillPattern(pattern, name, place);
  if (/(NameServers|Blocks|Associations|Ids|Names|Addresses|Endpoints)$/.test(attribute)) {
    return Array.from({ length: ITEMS_OF_A_LIST }, (_, i) => `${name}.${attribute}.${i}`);
  }
  if (attribute.endsWith('Arn')) return fill(`arn:{partition}:${service}:{region}:{account}:${kind}/{name}`);
  if (/(Url|URL|Uri|URI)$/.test(attribute)) return fill(`https://${host}`);
  if (/(DomainName|Endpoint|Address|Host|Hostname)$/.test(attribute)) return fill(host);
  if (attribute.endsWith('Port')) return '443';
  if (attribute === 'Id' || attribute === `${resource}Id`) return physicalId;
  if (attribute.endsWith('Id')) return fillPattern('{id10}', `${name}.${attribute}`, place);
  return attribute.endsWith('Name') ? name : `${name}.${attribute}`;
}
