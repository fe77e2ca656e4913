// Type-checks the code of README.md and docs/**/*.md against the sources: a document that lies does not pass.
// jsii-rosetta compiles the README's `ts` blocks (constructs); `mts` blocks and everything in docs/ are compiled here.
// A block that begins with `// name.ts` is a whole file of its document's program; any other is the body of a function.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

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
const docs = readdirSync(join(root, 'docs'), { recursive: true })
  .filter((file) => file.endsWith('.md') && file.split(sep)[0] !== 'api')
  .sort()
  .map((file) => join(root, 'docs', file));
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

const isFile = (name) => dirname(name) !== out;
// Files of a program await at their top level, as ES modules do, and fit both ways in which projects resolve those.
const problems = [
  ...check('node16', () => true, { module: 'node16', moduleResolution: 'node16' }),
  ...check('bundler', isFile, { module: 'esnext', moduleResolution: 'bundler' }),
];

/** What the compiler says of these files: the native one, which takes a sixth of the time. */
function check(title, isPart, options) {
  const config = join(out, `tsconfig.${title}.json`);
  const compilerOptions = { ...options, noUnusedLocals: false, noUnusedParameters: false, rootDir: root };
  const files = [...origin.keys()].filter(isPart);
  const extended = { extends: join(root, 'test', 'tsconfig.json'), compilerOptions, files, include: [] };
  writeFileSync(config, JSON.stringify(extended));
  const tsc = join(root, 'node_modules', 'typescript7', 'bin', 'tsc');
  const { status, stdout, stderr } = spawnSync(process.execPath, [tsc, '-p', config, '--pretty', 'false'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  // A message may go on in lines that are indented.
  const messages = stdout.split(/\n(?! |$)/).filter((message) => message !== '');
  if (status !== 0 && messages.length === 0) return [`${title}: the compiler failed: ${stderr}`];
  return messages.flatMap((message) => {
    const [, name, line, text] = message.match(/^(.+?)\((\d+),\d+\): error (.*)$/s) ?? [];
    if (name === undefined) return [message];
    const place = origin.get(resolve(root, name));
    // The sources are checked by `npm run typecheck`: here only as far as the snippets use them.
    if (place === undefined) return [];
    return [`${relative(root, place.document)}:${place.line + Number(line)}: ${text.trim()} (${title})`];
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
