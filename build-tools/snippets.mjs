// Type-checks the code of README.md and docs/**/*.md against the sources: a document that lies does not pass.
// jsii-rosetta compiles the README's `ts` blocks (constructs); `mts` blocks and everything in docs/ are compiled here.
// A block that begins with `// name.ts` is a whole file of its document's program; any other is the body of a function.
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
// The examples of the reference are those of the sources, which jsii-rosetta compiles.
const docs = ts.sys.readDirectory(join(root, 'docs'), ['.md'], [join(root, 'docs', 'api')]);
const documents = [[join(root, 'README.md'), ['mts']], ...docs.map((file) => [file, ['ts', 'mts', 'typescript']])];
const origin = new Map();
for (const [document, fences] of documents) {
  const prefix = relative(root, document).replace(/\W/g, '_');
  for (const { line, code } of blocks(document, fences)) {
    // A block that names its file is a file, and the document's files import each other.
    const [, file] = code.match(/^\/\/ ([\w.-]+\.ts)\b/) ?? [];
    if (file !== undefined) {
      mkdirSync(join(out, prefix), { recursive: true });
      writeFileSync(join(out, prefix, 'package.json'), '{ "type": "module" }\n');
      writeFileSync(join(out, prefix, file), code);
      origin.set(join(out, prefix, file), { document, line: line - 1 });
      continue;
    }
    const name = `${prefix}_${line}.ts`;
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
const isFile = (name) => dirname(name) !== out;
// Files of a program await at their top level, as ES modules do, and fit both ways in which projects resolve those.
const { ModuleKind, ModuleResolutionKind } = ts;
const bundled = { module: ModuleKind.ESNext, moduleResolution: ModuleResolutionKind.Bundler };
const ofNode = { module: ModuleKind.NodeNext, moduleResolution: ModuleResolutionKind.NodeNext };
const found = [
  ...check((name) => !isFile(name), {}),
  ...check(isFile, bundled),
  ...check(isFile, ofNode).map((problem) => `${problem} (module: nodenext)`),
];
const problems = [...new Set(found)];

function check(isPart, more) {
  const names = [...origin.keys()].filter(isPart);
  const program = ts.createProgram(names, {
    ...options,
    ...more,
    noUnusedLocals: false,
    noUnusedParameters: false,
    rootDir: root,
  });
  // The sources are checked by `npm run typecheck`: here only as far as the snippets use them.
  const ours = names.flatMap((name) => {
    const file = program.getSourceFile(name);
    return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)];
  });
  return [...program.getOptionsDiagnostics(), ...program.getGlobalDiagnostics(), ...ours].map((diagnostic) => {
    const message = ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n');
    const { file, start = 0 } = diagnostic;
    if (file === undefined) return message;
    const { document, line } = origin.get(file.fileName);
    return `${relative(root, document)}:${line + file.getLineAndCharacterOfPosition(start).line + 1}: ${message}`;
  });
}

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
