/** Projects of users who install what would be published. Needs a build (`npm run build`). */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

const root = join(__dirname, '..', '..');

/** That of this run of jest, whose workers have it in common. */
const packed = join(tmpdir(), 'packed');

/** Path of a fresh tarball of the package: the first suite that asks packs it, and others wait. */
export async function packTarball(): Promise<string> {
  if (!existsSync(join(root, 'lib', 'index.js'))) throw new Error('lib/ is missing: run `npm run build` first');
  for (;;) {
    const name = existsSync(packed) ? readdirSync(packed).find((file) => file.endsWith('.tgz')) : undefined;
    if (name !== undefined) return join(packed, name);
    if (isFirst()) pack();
    else await setTimeout(100);
  }
}

function isFirst(): boolean {
  try {
    mkdirSync(packed);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function pack(): void {
  try {
    const made = join(root, execFileSync('node', ['build-tools/pack.mjs'], { cwd: root, encoding: 'utf8' }).trim());
    const aside = join(packed, 'half-written');
    copyFileSync(made, aside);
    renameSync(aside, join(packed, basename(made)));
  } catch (error) {
    rmSync(packed, { recursive: true }); // so that others try, and fail, too
    throw error;
  }
}

/** Names of the entries that are published as modules. */
export function moduleEntries(): readonly string[] {
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    exports: Record<string, { readonly import?: unknown }>;
  };
  return Object.keys(exports)
    .filter((key) => exports[key]?.import !== undefined)
    .map((key) => key.slice('./'.length));
}

export interface Run {
  readonly code: number | null;
  readonly output: string;
}

/** A project in an empty folder of its own. */
export class ConsumerProject {
  public readonly folder = mkdtempSync(join(tmpdir(), 'consumer-'));

  public constructor() {
    writeFileSync(join(this.folder, 'package.json'), '{ "name": "consumer", "private": true }\n');
  }

  /** Installs as npm does when told nothing else, install scripts apart. */
  public install(...packages: string[]): void {
    const flags = [
      '--prefer-offline',
      '--no-audit',
      '--no-fund',
      '--ignore-scripts',
      '--save-exact',
      '--loglevel=error',
    ];
    const { code, output } = this.run('npm', 'install', ...flags, ...packages);
    if (code !== 0) throw new Error(`npm install failed\n${output}`);
  }

  /** Names of all installed packages. */
  public installed(): readonly string[] {
    const modules = join(this.folder, 'node_modules');
    return readdirSync(modules)
      .filter((name) => !name.startsWith('.'))
      .flatMap((name) =>
        name.startsWith('@') ? readdirSync(join(modules, name)).map((own) => `${name}/${own}`) : [name],
      );
  }

  public write(file: string, text: string): string {
    const path = join(this.folder, file);
    writeFileSync(path, text);
    return path;
  }

  public run(command: string, ...args: string[]): Run {
    return runIn(this.folder, command, ...args);
  }

  public remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Runs a program in `folder`, with nothing of this process's environment that could lead it back here. */
export function runIn(folder: string, command: string, ...args: string[]): Run {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd: folder,
    encoding: 'utf8',
    env: cleanEnvironment(),
  });
  return { code: status, output: `${stdout}${stderr}` };
}

/** What a user's shell has and the tools need. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  const { PATH, HOME, npm_config_cache } = process.env;
  return {
    PATH,
    HOME,
    npm_config_cache,
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    NEXT_TELEMETRY_DISABLED: '1',
  };
}
