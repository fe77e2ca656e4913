/** What IAM is asked for statements that say something else than they seem to. */
import { statementPermission } from '../../../src/local/services/partiql-permissions';

const scope = {
  tablePrefix: 'arn:aws:dynamodb:eu-west-1:111111111111:table/',
  keysOf: (arn: string) => (arn.endsWith('/Music') ? { partitionKey: 'pk', indexes: { Idx: 'gk' } } : undefined),
};
const contextOf = (Statement: string, Parameters: readonly object[] = []) =>
  statementPermission({ Statement, Parameters }, scope).context;
const leading = (Statement: string, Parameters?: readonly object[]) =>
  contextOf(Statement, Parameters)?.['dynamodb:LeadingKeys'];
const attributes = (Statement: string) => contextOf(Statement)?.['dynamodb:Attributes'];

test.each([
  `x = 'pk = 1'`,
  `contains(x, 'pk=')`,
  `NOT pk = 'me'`,
  `NOT (pk IN ['me'])`,
  `pk NOT IN ['me']`,
  `pk <> 'me'`,
  `pk >= 'me'`,
  'pk = pk',
  'pk = sk',
  `m."pk" = 'me'`,
  `pk.x = 'me'`,
  `"pk=" = 'me'`,
  `pk = 'me' OR x = 1`,
  `(pk = 'me' OR x = 1) AND x = 'me'`,
  `x BETWEEN 1 AND pk = 'me'`,
  `x = 'me'`,
  `pk IN [sk, 'me']`,
  `pk = 'me' || x`,
  `pk = 'me' AND returning = 1 OR x = 1`,
  `pk = 'me' ORDER BY sk OR x = 1`,
])('WHERE %s reads the whole table, and has a key that no policy names', (where) => {
  expect(contextOf(`SELECT * FROM Music WHERE ${where}`)).toMatchObject({
    'dynamodb:FullTableScan': 'true',
    'dynamodb:LeadingKeys': ['\0'],
  });
});

test.each<[string, readonly string[]]>([
  [`pk = 'me'`, ['me']],
  [`"pk"='it''s' AND NOT x = 1`, ["it's"]],
  [`x BETWEEN 1 AND 2 AND 'me' = pk AND (a = 1 OR b = 2)`, ['me']],
  [`pk = 'other' AND x = 'me'`, ['other']],
  ['x = ? AND pk = ?', ['second']],
  [`x = ? AND pk IN ['me', ?] ORDER BY sk DESC`, ['me', 'second']],
  ['pk = -1.0', ['-1']],
])('WHERE %s compares the key with %j', (where, values) => {
  const parameters = [{ S: 'first' }, { S: 'second' }];
  expect(contextOf(`SELECT a FROM Music WHERE ${where}`, parameters)).toMatchObject({
    'dynamodb:FullTableScan': 'false',
    'dynamodb:LeadingKeys': values,
  });
});

test('changes have the key that they name, and no other value', () => {
  expect([
    leading(`UPDATE Music SET x = 'me' WHERE pk = 'other'`),
    leading(`UPDATE Music SET x = ? WHERE pk = ?`, [{ S: 'me' }, { S: 'other' }]),
    leading(`DELETE FROM Music WHERE pk = 'other' AND x = 'me'`),
    leading(`INSERT INTO Music VALUE {'x': {'pk': 'me'}, 'pk': ?}`, [{ S: 'other' }]),
    leading(`INSERT INTO Music VALUE {'x': 'me'}`),
    leading(`DELETE FROM Unknown WHERE pk = 'me'`),
  ]).toEqual([['other'], ['other'], ['other'], ['other'], ['\0'], ['\0']]);
});

test('attributes are all names, also those that are words of the language', () => {
  expect([
    attributes('SELECT size, "value" FROM Music'),
    attributes('SELECT value FROM Music'),
    attributes('SELECT Music FROM Music'),
    attributes('SELECT a.b[0] FROM Music WHERE begins_with("all", 1) AND c IS NOT MISSING ORDER BY d DESC'),
    attributes(`UPDATE Music SET "order" = 'x' REMOVE y WHERE pk = 1 RETURNING ALL OLD *`),
    attributes(`INSERT INTO Music VALUE {'pk': 'a', 'secret': {'deep': 1}}`),
  ]).toEqual([
    ['size', 'value'],
    ['value'],
    ['Music'],
    ['a', 'all', 'c', 'd'],
    ['order', 'y', 'pk', '*'],
    ['pk', 'secret'],
  ]);
});

test.each(['"Music"."Idx"', '"Music" ."Idx"', 'Music. "Idx"', 'Music . "Idx"'])('%s is the index', (from) => {
  expect(statementPermission({ Statement: `SELECT * FROM ${from} WHERE gk = 1` }, scope)).toMatchObject({
    resource: `${scope.tablePrefix}Music/index/Idx`,
    context: { 'dynamodb:LeadingKeys': ['1'] },
  });
});

test.each([
  'SELECT `FROM Music ` FROM Other',
  'SELECT * FROM Music WHERE pk = `other`',
  'SELECT * FROM Music; SELECT * FROM Other',
  'SELECT * FROM Music, Other',
  'SELECT * FROM Music AS m, Other',
  'SELECT * FROM Music JOIN Other',
  'SELECT * FROM Music WHERE x IN (SELECT * FROM Other)',
  'SELECT x.FROM Music FROM Other',
  'SELECT * FROM [Music]',
  'SELECT * FROM <<{}>>',
  'SELECT * FROM Music WHERE (pk = 1',
  "SELECT * FROM Music WHERE pk = 'me",
  `SELECT ${'"a" '.repeat(2_000)} x`,
  `SELECT ${'FROM '.repeat(1_600)}"`,
  `SELECT * FROM Music WHERE ${'1'.repeat(8_000)}`,
])('%.60s is refused in words', (Statement) => {
  expect(() => statementPermission({ Statement }, scope)).toThrow(/^ValidationException: .*the local target/);
});
