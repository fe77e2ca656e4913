/** `exactOptionalPropertyTypes` of TypeScript tells `undefined` from a property that is left out; the constructs do not. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ts from 'typescript';

const CONSTRUCTS = join(__dirname, '../../src/constructs');

/** Optional properties of the exported interfaces of a file, as `Interface.property: type`. */
function optionalProperties(file: string): string[] {
  const source = ts.createSourceFile(file, readFileSync(join(CONSTRUCTS, file), 'utf8'), ts.ScriptTarget.ES2022, true);
  return source.statements.filter(ts.isInterfaceDeclaration).flatMap((declared) =>
    declared.members
      .filter(ts.isPropertySignature)
      .filter(({ questionToken }) => questionToken !== undefined)
      .map(({ name, type }) => `${declared.name.text}.${name.getText(source)}: ${type?.getText(source)}`),
  );
}

test('every optional property of a public interface takes undefined', () => {
  const all = readdirSync(CONSTRUCTS)
    .filter((file) => file.endsWith('.ts'))
    .flatMap(optionalProperties);
  expect(all.length).toBeGreaterThan(60);
  expect(all.filter((property) => !property.endsWith(' | undefined'))).toEqual([]);
});
