/** The integ apps, synthesized in this process as the CDK CLI would do it: into a folder of their own, with its flags. */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const INTEG = join(__dirname, '../../integ');
const FLAGS = join(require.resolve('aws-cdk-lib'), '../recommended-feature-flags.json');

export const APPS = readdirSync(INTEG)
  .filter((file) => /^integ\.[\w-]+\.ts$/.test(file))
  .map((file) => file.replace(/^integ\.|\.ts$/g, ''));

const outdirs: string[] = [];
afterAll(() => {
  for (const outdir of outdirs) rmSync(outdir, { recursive: true, force: true });
});

/** Runs an app file, once per test file, and returns its cloud assembly's folder, which goes away after the tests. */
export function synthesize(app: string, folder = INTEG): string {
  const outdir = mkdtempSync(join(tmpdir(), `integ-${app}-`));
  outdirs.push(outdir);
  const before = { ...process.env };
  Object.assign(process.env, { CDK_OUTDIR: outdir, CDK_CONTEXT_JSON: readFileSync(FLAGS, 'utf8') });
  try {
    require(join(folder, `integ.${app}.ts`));
  } finally {
    process.env = before;
  }
  return outdir;
}

/** Templates of an assembly by file name, without those of the test harness. */
export function templatesIn(assembly: string): Record<string, unknown> {
  const files = readdirSync(assembly).filter(
    (file) => file.endsWith('.template.json') && !file.includes('DefaultTest'),
  );
  return Object.fromEntries(files.sort().map((file) => [file, JSON.parse(readFileSync(join(assembly, file), 'utf8'))]));
}

export function snapshotOf(app: string): string {
  return join(INTEG, `integ.${app}.ts.snapshot`);
}

/** Code is in no snapshot: its hash is in the template. */
const LEFT_OUT = /[\\/](asset\.[^\\/]+|tree\.json)$/;

/** Replaces the committed snapshot. */
export function updateSnapshot(app: string, assembly: string): void {
  const snapshot = snapshotOf(app);
  rmSync(snapshot, { recursive: true, force: true });
  cpSync(assembly, snapshot, { recursive: true, filter: (path) => !LEFT_OUT.test(path) });
  for (const file of readdirSync(snapshot).filter((name) => name.endsWith('.metadata.json'))) {
    const path = join(snapshot, file);
    writeFileSync(path, `${JSON.stringify(withoutTraces(JSON.parse(readFileSync(path, 'utf8'))), null, 2)}\n`);
  }
}

interface MetadataEntry {
  readonly type: string;
  readonly data: unknown;
}

/** Stack traces name the folder of this checkout. */
function withoutTraces(metadata: Record<string, MetadataEntry[]>): Record<string, MetadataEntry[]> {
  const kept = Object.entries(metadata).map(([path, entries]): [string, MetadataEntry[]] => [
    path,
    entries
      .filter(({ type }) => /^aws:cdk:(logicalId|warning|info|error)$/.test(type))
      .map(({ type, data }) => ({ type, data })),
  ]);
  return Object.fromEntries(kept.filter(([, entries]) => entries.length > 0));
}

/** What the integ handlers are bundled from; a bundler sees through links. */
const BUNDLED = ['src', 'node_modules/zod', 'tsconfig.json', 'test/tsconfig.json'];

/** The repository under another path: what is bundled is a copy, all else a link. */
export function copyOfCheckout(from = join(INTEG, '..')): string {
  const root = mkdtempSync(join(tmpdir(), 'checkout-'));
  mkdirSync(join(root, 'node_modules'));
  for (const path of ['integ', ...BUNDLED]) cpSync(join(from, path), join(root, path), { recursive: true });
  const packages = readdirSync(join(from, 'node_modules')).filter((name) => name !== 'zod' && name !== '.cache');
  const others = ['package.json', 'package-lock.json'];
  for (const path of [...others, ...packages.map((name) => `node_modules/${name}`)]) {
    symlinkSync(join(from, path), join(root, path));
  }
  return root;
}

/** Hashes of code change with every release of the handler; what they stand for is the same. */
export function withoutCodeHashes(value: unknown): unknown {
  const text = JSON.stringify(value)
    .replace(/\b[0-9a-f]{64}\b/g, '<code>')
    .replace(/(CurrentVersion[0-9A-F]{8})[0-9a-f]{32}\b/g, '$1<code>')
    .replace(/(Deployment[0-9A-F]{8})[0-9a-f]{32}\b/g, '$1<api>');
  return JSON.parse(text);
}
