// Writes the reference of the TypeScript entries: docs/api/<entry>.md, one page each, from their sources.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { name: packageName, exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const entries = Object.keys(exports)
  .filter((key) => exports[key].import)
  .map((key) => key.slice(2));

/** The plugin numbers a type whose name is that of a class and its member, such as StreamErrorCode; its heading is the only one. */
const NUMBERED_TYPE = /(\(\S*#(?:stream|contract|wire)error(?:code|of))-1\)/g;
const out = mkdtempSync(join(tmpdir(), 'typedoc-'));
try {
  const options = join(out, 'options.json');
  writeFileSync(
    options,
    JSON.stringify({
      plugin: ['typedoc-plugin-markdown'],
      entryPoints: entries.map((entry) => join(root, 'src', entry, 'index.ts')),
      tsconfig: join(root, 'tsconfig.json'),
      out,
      cleanOutputDir: false,
      router: 'module',
      readme: 'none',
      disableSources: true,
      excludePrivate: true,
      excludeInternal: true,
      excludeExternals: true,
      hideBreadcrumbs: true,
      hidePageHeader: true,
      logLevel: 'Error',
    }),
  );
  execFileSync(process.execPath, [join(root, 'node_modules/typedoc/bin/typedoc'), '--options', options], {
    cwd: root,
    stdio: 'inherit',
  });
  for (const entry of entries) {
    const page = readFileSync(join(out, `${entry}.md`), 'utf8');
    // Pages lie beside each other, and a page's first heading says how it is imported.
    const text = page
      .replace(/^# .*$/m, `# ${packageName}/${entry}`)
      .replace(NUMBERED_TYPE, '$1)')
      .trimEnd();
    writeFileSync(join(root, 'docs', 'api', `${entry}.md`), `${text}\n`);
  }
  const index = join(root, 'API.md');
  const list = entries.map((entry) => `- [${packageName}/${entry}](docs/api/${entry}.md)`).join('\n');
  writeFileSync(
    index,
    `${readFileSync(index, 'utf8').trimEnd()}\n\nThe TypeScript entries, one page each.\n\n${list}\n`,
  );
} finally {
  rmSync(out, { recursive: true, force: true });
}
