/**
 * Tables, made where an engine for DynamoDB is given; without one the type does nothing.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-table.html
 */
import { setTimeout as delay } from 'node:timers/promises';
import { isObject } from '../../base/is-object';
import { canonicalJson } from '../canonical-json';
import { objectsIn } from '../objects-in';
import type { TableKeys } from '../state';
import { requirePrincipals } from './principal-check';
import type { Properties } from './properties';
import type { DynamoDb, ResourceContext, ResourceProvider } from './provider';

const NAME_MAX_LENGTH = 255;
const POLL_MS = 25;
/** An index of a large table takes minutes on AWS; here it is an engine's start at most. */
const ACTIVE_WITHIN_MS = 30_000;

/** No engine counts it, and dynalite wants it of an index that comes later. */
const ProvisionedThroughput = { ReadCapacityUnits: 100, WriteCapacityUnits: 100 };

const KEY_PROPERTIES = ['AttributeDefinitions', 'GlobalSecondaryIndexes', 'KeySchema', 'LocalSecondaryIndexes'];
const WITHOUT_EFFECT = [
  'BillingMode',
  'ContributorInsightsSpecification',
  'GlobalTableSettingsReplicationMode',
  'GlobalTableWitnesses',
  'ImportSourceSpecification',
  'KinesisStreamSpecification',
  'MultiRegionConsistency',
  'OnDemandThroughput',
  'PointInTimeRecoverySpecification',
  'ProvisionedThroughput',
  'ReadOnDemandThroughputSettings',
  'ReadProvisionedThroughputSettings',
  'SSESpecification',
  'StreamSpecification',
  'TableClass',
  'TimeToLiveSpecification',
  'WarmThroughput',
  'WriteOnDemandThroughputSettings',
  'WriteProvisionedThroughputSettings',
];

export const dynamoDbTable = tableProvider('AWS::DynamoDB::Table');
export const dynamoDbGlobalTable = tableProvider('AWS::DynamoDB::GlobalTable');

function tableProvider(type: string): ResourceProvider {
  return {
    type,
    lenient: true,
    properties: ['TableName', 'DeletionProtectionEnabled', 'Replicas', 'ResourcePolicy', 'Tags', ...KEY_PROPERTIES],
    withoutEffect: WITHOUT_EFFECT,
    replacedBy: ['TableName', 'KeySchema', 'LocalSecondaryIndexes'],

    async create(context, properties) {
      const name = properties.optionalText('TableName', { min: 3, max: NAME_MAX_LENGTH });
      const tableName = name ?? context.generateName(NAME_MAX_LENGTH);
      const { account, dynamoDb, partition, region, state } = context;
      const arn = `arn:${partition}:dynamodb:${region}:${account}:table/${tableName}`;
      if (dynamoDb) await make(context, dynamoDb, tableName, properties);
      state.tables.set(arn, keysOf(properties));
      setPolicyAndTags(context, arn, properties);
      const StreamArn = `${arn}/stream/2026-01-01T00:00:00.000`;
      return {
        physicalId: tableName,
        attributes: { Arn: arn, StreamArn, TableId: tableName },
        hasAnyAttribute: true,
      };
    },

    async update(context, properties, previous) {
      const { dynamoDb, state } = context;
      const { physicalId, attributes } = previous;
      requireSameKeyTypes(properties, previous.properties);
      if (dynamoDb) await changeIndexes(context, dynamoDb, physicalId, properties, previous.properties);
      state.tables.set(String(attributes['Arn']), keysOf(properties));
      setPolicyAndTags(context, String(attributes['Arn']), properties);
      return { physicalId, attributes, hasAnyAttribute: true };
    },

    async delete({ dynamoDb, state }, { attributes, physicalId, properties }) {
      if (isProtected(properties)) {
        throw new Error(
          'Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.',
        );
      }
      state.tables.delete(String(attributes['Arn']));
      state.resourcePolicies.delete(String(attributes['Arn']));
      state.resourceTags.delete(String(attributes['Arn']));
      if (dynamoDb) await remove(dynamoDb, physicalId);
    },
  };
}

/** Of a global table each replica has its own. */
function setPolicyAndTags(context: ResourceContext, tableArn: string, properties: Properties): void {
  const replica = properties.items('Replicas').find(({ values }) => values['Region'] === context.region);
  const own = replica ?? properties;
  context.state.resourceTags.set(tableArn, own.tags());
  const given = own.optionalObject('ResourcePolicy');
  if (given === undefined) {
    context.state.resourcePolicies.delete(tableArn);
    return;
  }
  const document = given.policyDocument('PolicyDocument', 'resource');
  requirePrincipals(context, document);
  context.state.resourcePolicies.set(tableArn, document);
}

/** Of a global table it is a matter of each replica. */
function isProtected({ values: { DeletionProtectionEnabled, Replicas } }: Properties): boolean {
  const each = [
    DeletionProtectionEnabled,
    ...objectsIn(Replicas).map((replica) => replica['DeletionProtectionEnabled']),
  ];
  return each.some((value) => String(value) === 'true');
}

/** A table that is there already, from an earlier run, stays with its items: a database is there to remember. */
async function make(context: ResourceContext, dynamoDb: DynamoDb, TableName: string, properties: Properties) {
  // Engines that keep no accounts apart have one table of a name, which two stacks would share, and one delete.
  if ([...context.state.tables.keys()].some((arn) => arn.endsWith(`:table/${TableName}`))) {
    const { Table: table } = await dynamoDb('DescribeTable', { TableName }).catch(() => ({ Table: undefined }));
    if (table !== undefined) throw new Error(`${TableName} already exists`);
  }
  const definition = { TableName, ProvisionedThroughput, ...definitionOf(properties) };
  try {
    await dynamoDb('CreateTable', definition);
  } catch (error) {
    if (!hasName(error, 'ResourceInUseException')) throw error;
    const { Table: table } = await dynamoDb('DescribeTable', { TableName });
    requireSameKeys(context, TableName, isObject(table) ? table : {}, properties);
    return;
  }
  context.undo(() => remove(dynamoDb, TableName));
  await active(dynamoDb, TableName);
}

/** Names and types of the keys of a table, in order. */
function keyTypes({ AttributeDefinitions, KeySchema }: Readonly<Record<string, unknown>>): readonly string[] {
  const types = new Map(objectsIn(AttributeDefinitions).map((each) => [each['AttributeName'], each['AttributeType']]));
  return objectsIn(KeySchema).map(
    ({ AttributeName, KeyType }) => `${AttributeName} ${types.get(AttributeName)} ${KeyType}`,
  );
}

function requireSameKeys(
  context: ResourceContext,
  tableName: string,
  table: Readonly<Record<string, unknown>>,
  { values }: Properties,
): void {
  const [there, wanted] = [keyTypes(table).join(', '), keyTypes(values).join(', ')];
  if (there !== wanted) {
    throw new Error(
      `the table '${tableName}' is there from an earlier run, with other keys (${there}, not ${wanted}): delete it, or start with an empty database`,
    );
  }
  const indexes = objectsIn(table['GlobalSecondaryIndexes']).map(({ IndexName }) => IndexName);
  const missing = objectsIn(values['GlobalSecondaryIndexes']).find(({ IndexName }) => !indexes.includes(IndexName));
  if (missing) {
    context.warn(
      `the table '${tableName}' is there from an earlier run, without the index '${missing['IndexName']}': delete it to get a new one`,
    );
  }
}

/** AWS makes a new table, and of a name that is given it refuses to. */
function requireSameKeyTypes(now: Properties, before: Properties): void {
  const [wanted, had] = [keyTypes(now.values), keyTypes(before.values)];
  if (wanted.join() === had.join()) return;
  throw new Error(
    `the keys of a table cannot change (${had.join(', ')} to ${wanted.join(', ')}): give it another name or logical id`,
  );
}

async function remove(dynamoDb: DynamoDb, TableName: string): Promise<void> {
  try {
    await dynamoDb('DeleteTable', { TableName });
  } catch (error) {
    if (!hasName(error, 'ResourceNotFoundException')) throw error;
  }
}

/** One index at a time, as DynamoDB wants it. dynalite takes such a change and does nothing. */
async function changeIndexes(
  context: ResourceContext,
  dynamoDb: DynamoDb,
  TableName: string,
  now: Properties,
  before: Properties,
): Promise<void> {
  const [wanted, had] = [indexesOf(now), indexesOf(before)];
  const isSame = (name: string) => canonicalJson(wanted.get(name)) === canonicalJson(had.get(name));
  const change = async (update: object, { values: { AttributeDefinitions } }: Properties) => {
    await dynamoDb('UpdateTable', { TableName, AttributeDefinitions, GlobalSecondaryIndexUpdates: [update] });
    return active(dynamoDb, TableName);
  };
  const gone = [...had].filter(([name]) => !isSame(name)).map(([IndexName, Create]) => ({ IndexName, Create }));
  const added = [...wanted].filter(([name]) => !isSame(name)).map(([IndexName, Create]) => ({ IndexName, Create }));
  let indexes: readonly unknown[] = [];
  for (const { Create, IndexName } of gone) {
    indexes = await change({ Delete: { IndexName } }, now);
    context.undo(async () => void (await change({ Create }, before)));
  }
  for (const { Create, IndexName } of added) {
    indexes = await change({ Create }, now);
    context.undo(async () => void (await change({ Delete: { IndexName } }, before)));
  }
  const missing = added.filter(({ IndexName }) => !indexes.includes(IndexName));
  if (missing.length > 0) {
    context.warn(
      `the table '${TableName}' is there without its new index '${missing[0]?.IndexName}', which the engine did not make; a table that is new gets it: delete this one`,
    );
  }
}

/** @returns the names of its indexes */
async function active(dynamoDb: DynamoDb, TableName: string): Promise<readonly unknown[]> {
  const until = Date.now() + ACTIVE_WITHIN_MS;
  while (Date.now() < until) {
    const { Table: table } = await dynamoDb('DescribeTable', { TableName });
    const description = isObject(table) ? table : {};
    const indexes = objectsIn(description['GlobalSecondaryIndexes']);
    if (
      [description['TableStatus'], ...indexes.map(({ IndexStatus }) => IndexStatus)].every((each) => each === 'ACTIVE')
    ) {
      return indexes.map(({ IndexName }) => IndexName);
    }
    await delay(POLL_MS);
  }
  throw new Error(`the table '${TableName}' was not active within ${ACTIVE_WITHIN_MS / 1_000} seconds`);
}

/** What both kinds of table have in common with CreateTable; capacity is nothing that an engine here has. */
function definitionOf(properties: Properties): Readonly<Record<string, unknown>> {
  for (const name of ['AttributeDefinitions', 'KeySchema', 'LocalSecondaryIndexes']) properties.items(name);
  const { AttributeDefinitions, KeySchema, LocalSecondaryIndexes } = properties.values;
  const indexes = [...indexesOf(properties).values()];
  return {
    AttributeDefinitions,
    KeySchema,
    ...(LocalSecondaryIndexes !== undefined && { LocalSecondaryIndexes }),
    ...(indexes.length > 0 && { GlobalSecondaryIndexes: indexes }),
  };
}

function indexesOf(properties: Properties): Map<string, object> {
  return new Map(
    properties
      .items('GlobalSecondaryIndexes')
      .map(({ values: { IndexName, KeySchema, Projection } }) => [
        String(IndexName),
        { IndexName, KeySchema, Projection, ProvisionedThroughput },
      ]),
  );
}

function keysOf(properties: Properties): TableKeys {
  const { GlobalSecondaryIndexes, KeySchema, LocalSecondaryIndexes } = properties.values;
  const indexes = [...objectsIn(GlobalSecondaryIndexes), ...objectsIn(LocalSecondaryIndexes)];
  return {
    partitionKey: partitionKeyOf(KeySchema),
    indexes: Object.fromEntries(
      indexes.map((index) => [String(index['IndexName']), partitionKeyOf(index['KeySchema'])]),
    ),
  };
}

function partitionKeyOf(schema: unknown): string {
  return String(objectsIn(schema).find(({ KeyType }) => KeyType === 'HASH')?.['AttributeName']);
}

function hasName(error: unknown, name: string): boolean {
  return error instanceof Error && error.name === name;
}
