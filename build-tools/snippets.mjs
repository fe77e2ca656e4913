// Type-checks the code of README.md and docs/**/*.md against the sources: a document that lies does not pass.
// jsii-rosetta compiles the README's `ts` blocks (constructs); `mts` blocks and everything in docs/ are compiled here.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const out = join(root, '.cache', 'snippets');
const preamble = readFileSync(join(root, 'build-tools', 'snippet-preamble.txt'), 'utf8');

/** Blocks of a document as { line, code }; a block that begins with `// not compiled` is prose. */
function blocks(file, fences) {
  const text = readFileSync(file, 'utf8');
  const found = [];
  for (const match of text.matchAll(/^```(\w+)\n([\s\S]*?)^```/gm)) {
    const [, fence, code] = match;
    if (!fences.includes(fence) || code.startsWith('// not compiled')) continue;
    found.push({ line: text.slice(0, match.index).split('\n').length + 1, code });
  }
  return found;
}

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
const docs = ts.sys.readDirectory(join(root, 'docs'), ['.md']);
const documents = [[join(root, 'README.md'), ['mts']], ...docs.map((file) => [file, ['ts', 'mts', 'typescript']])];
const origin = new Map();
for (const [document, fences] of documents) {
  for (const { line, code } of blocks(document, fences)) {
    const name = `${relative(root, document).replace(/\W/g, '_')}_${line}.ts`;
    const imports = [...code.matchAll(/^import .*;$/gm)].map(([text]) => text);
    const named = new Set(imports.flatMap(bindings));
    const usable = preamble.split('\n').map((text) => withoutBindings(text, named));
    const declared = [...code.matchAll(/^declare .*;$/gm)].map(([text]) => text);
    const body = code.replace(/^(import|declare) .*;$/gm, '').replace(/^export (?=const|function|async|class)/gm, '');
    const own = new Set(declared.map((text) => text.match(/^declare \w+ (\w+)/)?.[1]));
    const given = usable.filter((text) => !own.has(text.match(/^declare \w+ (\w+)/)?.[1]));
    const head = [...imports, ...given, ...declared].join('\n');
    const text = `${head}\nexport async function snippet(this: Stack): Promise<void> {\n${body}\n}\n`;
    origin.set(join(out, name), { document, line: line - head.split('\n').length - 2 });
    writeFileSync(join(out, name), text);
  }
}

const { config } = ts.readConfigFile(join(root, 'test', 'tsconfig.json'), ts.sys.readFile);
const { options } = ts.parseJsonConfigFileContent(
  { ...config, files: [...origin.keys()], include: [] },
  ts.sys,
  join(root, 'test'),
);
const program = ts.createProgram([...origin.keys()], {
  ...options,
  noUnusedLocals: false,
  noUnusedParameters: false,
  rootDir: root,
});
const problems = ts.getPreEmitDiagnostics(program).map((diagnostic) => {
  const message = ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n');
  const { file, start = 0 } = diagnostic;
  const source = file && origin.get(file.fileName);
  if (!source) return `${file?.fileName ?? ''}: ${message}`;
  const { line } = file.getLineAndCharacterOfPosition(start);
  return `${relative(root, source.document)}:${source.line + line + 1}: ${message}`;
});
for (const problem of problems) console.error(problem);
console.log(`${origin.size} snippets, ${problems.length} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;

/** The local names that an import line brings. */
function bindings(line) {
  const [, clause = ''] = line.match(/^import (?:type )?(.*) from /) ?? [];
  return clause
    .replace(/[{}]|\btype\b|\* as/g, ' ')
    .split(',')
    .map((name) => name.trim().split(' as ').pop());
}

/** An import line of the preamble without the names that a block imports itself. */
function withoutBindings(line, names) {
  if (!line.startsWith('import')) return line;
  const kept = bindings(line).filter((name) => !names.has(name));
  if (kept.length === bindings(line).length) return line;
  return line.includes('{') && kept.length > 0 ? line.replace(/\{.*\}/, `{ ${kept.join(', ')} }`) : '';
}
