import { join } from 'node:path';
import * as ts from 'typescript';

const root = join(__dirname, '../..');
const config = join(root, 'examples/browser-stream/tsconfig.json');

test('pages compile with the types of the DOM, without those of Node.js', () => {
  const parsed = ts.parseJsonConfigFileContent(
    ts.readConfigFile(config, ts.sys.readFile).config,
    ts.sys,
    join(config, '..'),
  );
  const pages = [...parsed.fileNames, join(__dirname, 'dom-types.mts')];
  const program = ts.createProgram(pages, parsed.options);
  // The package's own sources are checked with Node.js's types elsewhere.
  const found = pages.flatMap((page) => program.getSemanticDiagnostics(program.getSourceFile(page)));
  expect(pages.map((page) => program.getSourceFile(page)?.fileName)).toEqual([
    expect.stringMatching(/page\.mts$/),
    expect.stringMatching(/dom-types\.mts$/),
  ]);
  expect(found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))).toEqual([]);
});
