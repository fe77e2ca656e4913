import { readdirSync, readFileSync } from 'node:fs';
import { join, posix, relative, sep } from 'node:path';
import * as ts from 'typescript';

/** Who may import whom. A floor that is not listed may import nothing but itself. */
const MAY_IMPORT: Record<string, { floors: string[]; packages: RegExp }> = {
  base: { floors: [], packages: /^$/ },
  wire: { floors: ['base'], packages: /^node:zlib$/ },
  contract: { floors: ['wire', 'base'], packages: /^$/ },
  handler: { floors: ['contract', 'wire', 'base'], packages: /^$/ },
  stream: { floors: ['contract', 'wire', 'base'], packages: /^$/ },
  web: { floors: ['contract', 'wire', 'base'], packages: /^node:(http|stream)$/ },
  invoker: {
    floors: ['stream', 'contract', 'wire', 'base'],
    packages: /^(node:.*|@aws-sdk\/client-(lambda|cloudformation|ssm)|@smithy\/.*)$/,
  },
  fetcher: { floors: ['stream', 'contract', 'wire', 'base'], packages: /^$/ },
  constructs: { floors: ['wire', 'base'], packages: /^(aws-cdk-lib(\/.*)?|constructs|esbuild|node:.*)$/ },
  // web: the program that plays the web adapter in a function's process.
  local: { floors: ['web', 'wire', 'base'], packages: /^(node:.*|yaml)$/ },
  testing: { floors: ['local', 'invoker', 'contract', 'base', 'wire'], packages: /^node:.*$/ },
  cli: {
    floors: ['testing', 'local', 'invoker', 'fetcher', 'stream', 'contract', 'wire', 'base'],
    packages: /^(node:.*|@aws-sdk\/client-lambda|commander|esbuild|picocolors)$/,
  },
  index: { floors: ['constructs'], packages: /^$/ },
};

const root = join(__dirname, '..');
const src = join(root, 'src');

/** Reading a file takes long, and most tests ask about all of them. */
function remembered<T>(read: (file: string) => T): (file: string) => T {
  const known = new Map<string, T>();
  return (file) => {
    const value = known.get(file) ?? read(file);
    known.set(file, value);
    return value;
  };
}

const sourceOf = remembered((file) => ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.ES2022));

function sources(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(directory, file));
}

const importsOf = remembered((file: string): readonly { specifier: string; typeOnly: boolean }[] => {
  const source = sourceOf(file);
  const found = ts.preProcessFile(source.text, true, true).importedFiles.map(({ fileName }) => fileName);
  const typeOnly = new Set<string>();
  for (const statement of source.statements) {
    if (ts.isImportDeclaration(statement) && ts.isStringLiteral(statement.moduleSpecifier)) {
      if (statement.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword)
        typeOnly.add(statement.moduleSpecifier.text);
    }
  }
  return found.map((specifier) => ({ specifier, typeOnly: typeOnly.has(specifier) }));
});

/** Whether a file loads `specifier` with itself: `import()` waits until it is called. */
function isStatic(file: string, specifier: string): boolean {
  return sourceOf(file).statements.some(
    (statement) =>
      (ts.isImportDeclaration(statement) || ts.isExportDeclaration(statement)) &&
      statement.moduleSpecifier !== undefined &&
      ts.isStringLiteral(statement.moduleSpecifier) &&
      statement.moduleSpecifier.text === specifier,
  );
}

function floorOf(file: string): string {
  const [first = ''] = relative(src, file).split(sep);
  return first.replace(/\.ts$/, '');
}

/** Every import that leaves its floor without leave, as `file → specifier`. */
function trespasses(files: string[]): string[] {
  return files.flatMap((file) => {
    const floor = floorOf(file);
    const rule = MAY_IMPORT[floor];
    if (!rule) return [`${relative(root, file)} is on no known floor`];
    return importsOf(file)
      .filter(({ specifier }) => {
        if (!specifier.startsWith('.')) return !rule.packages.test(specifier);
        const target = floorOf(join(file, '..', specifier));
        return target !== floor && !rule.floors.includes(target);
      })
      .map(({ specifier }) => `${posix.normalize(relative(root, file))} → ${specifier}`);
  });
}

/** The source files a file imports, relative to `src`. */
const importedFiles = remembered((file: string): readonly string[] =>
  importsOf(file)
    .filter(({ specifier }) => specifier.startsWith('.'))
    .map(({ specifier }) => join(file, '..', specifier))
    .map((target) => [`${target}.ts`, join(target, 'index.ts')].find((candidate) => ts.sys.fileExists(candidate)) ?? '')
    .map((target) => relative(src, target)),
);

function folderOf(file: string): string {
  return join(file, '..').split(sep)[0] ?? '.';
}

/** What is left once everything that imports nothing more is taken away: circles, and what stands on them. */
function circlesOf(graph: ReadonlyMap<string, Iterable<string>>): string[] {
  const left = new Map([...graph].map(([node, targets]) => [node, new Set(targets)]));
  for (;;) {
    const free = [...left].filter(([, targets]) => ![...targets].some((target) => left.has(target)));
    if (free.length === 0) return [...left.keys()];
    for (const [node] of free) left.delete(node);
  }
}

describe('floors', () => {
  test('no file imports across a floor without leave', () => {
    expect(trespasses(sources(src))).toEqual([]);
  });

  test('packages that may be missing, or lie in assets, are imported for their types only', () => {
    const eager = sources(src).flatMap((file) =>
      importsOf(file)
        .filter(({ specifier, typeOnly }) => /^(@(aws-sdk|smithy)\/|yaml$)/.test(specifier) && !typeOnly)
        .filter(() => !/load-.*\.ts$/.test(file))
        .map(({ specifier }) => `${relative(root, file)} → ${specifier}`),
    );
    expect(eager).toEqual([]);
  });

  test('only crc32 touches a Node.js built-in on the wire floor, and handler and contract never reach it', () => {
    const reached = new Set<string>();
    const visit = (file: string): void => {
      if (reached.has(file)) return;
      reached.add(file);
      for (const { specifier, typeOnly } of importsOf(file)) {
        if (typeOnly) continue;
        if (specifier.startsWith('node:') && isStatic(file, specifier))
          throw new Error(`${relative(root, file)} imports ${specifier} at load`);
        if (!specifier.startsWith('.')) continue;
        const target = join(file, '..', specifier);
        const candidates = [`${target}.ts`, join(target, 'index.ts')];
        const next = candidates.find((candidate) => ts.sys.fileExists(candidate));
        if (next) visit(next);
      }
    };
    for (const entry of ['contract', 'handler', 'web', 'fetcher']) visit(join(src, entry, 'index.ts'));
    expect(reached.size).toBeGreaterThanOrEqual(3);
  });

  test('no files import each other in a circle, be it for types only', () => {
    expect(circlesOf(new Map(sources(src).map((file) => [relative(src, file), importedFiles(file)])))).toEqual([]);
  });

  test.each(['stream', 'invoker', 'fetcher', 'constructs', 'constructs/bundling', 'local'])(
    'the folders of %s stand on each other, in no circle',
    (place) => {
      const within = sources(join(src, place));
      const folders = new Map<string, Set<string>>();
      for (const file of within) {
        const folder = folderOf(relative(join(src, place), file));
        const reached = importedFiles(file).map((target) => folderOf(relative(place, target)));
        // What lies beside the folders conducts them; of it, only errors are theirs too.
        const others = reached.filter((other) => other !== folder && other !== '.' && !other.startsWith('..'));
        folders.set(folder, new Set([...(folders.get(folder) ?? []), ...others]));
      }
      expect(folders.size).toBeGreaterThan(1);
      expect(circlesOf(folders)).toEqual([]);
    },
  );

  test('of the constructs only the files at the root are public, and no folder is called private', () => {
    const index = [...importedFiles(join(src, 'constructs/index.ts'))].sort();
    const atRoot = sources(join(src, 'constructs'))
      .map((file) => relative(src, file))
      .filter((file) => folderOf(relative('constructs', file)) === '.' && !file.endsWith('index.ts'));
    expect(index).toEqual(atRoot.sort());
    const folders = sources(src).filter((file) => file.split(sep).includes('private'));
    expect(folders).toEqual([]);
  });

  test('a folder of the constructs knows the public files by their types only', () => {
    const upwards = sources(join(src, 'constructs'))
      .filter((file) => folderOf(relative(join(src, 'constructs'), file)) !== '.')
      .flatMap((file) =>
        importsOf(file)
          .filter(({ specifier, typeOnly }) => specifier.startsWith('.') && !typeOnly)
          .map(({ specifier }) => relative(join(src, 'constructs'), join(file, '..', specifier)))
          .filter((target) => folderOf(target) === '.')
          .map((target) => `${relative(src, file)} → ${target}`),
      );
    expect(upwards).toEqual([]);
  });

  test('the bundle cache is entered by its one door', () => {
    const cache = join(src, 'constructs', 'bundling', 'cache');
    const outside = sources(src).filter((file) => !file.startsWith(cache + sep));
    const entered = outside
      .flatMap((file) => importedFiles(file).map((target) => [relative(root, file), join(src, target)] as const))
      .filter(([, target]) => target.startsWith(cache + sep));
    expect(entered.length).toBeGreaterThan(0);
    expect(entered.filter(([, target]) => target !== join(cache, 'bundle-cache.ts'))).toEqual([]);
  });

  test('no source file is longer than 400 lines: past that it holds two ideas; from 250 on, ask', () => {
    const long = sources(src)
      .map((file) => [relative(root, file), readFileSync(file, 'utf8').trimEnd().split('\n').length] as const)
      .filter(([, lines]) => lines > 400);
    expect(long).toEqual([]);
  });
});
