/** Projects of users who install what would be published. Needs a build (`npm run build`). */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(__dirname, '..', '..');

/** Path of a fresh tarball of the package. */
export function packTarball(): string {
  if (!existsSync(join(root, 'lib', 'index.js'))) throw new Error('lib/ is missing: run `npm run build` first');
  execFileSync('node', ['build-tools/pack.mjs'], { cwd: root });
  const [name = ''] = readdirSync(join(root, 'dist', 'js'));
  return join(root, 'dist', 'js', name);
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
    const flags = ['--no-audit', '--no-fund', '--ignore-scripts', '--save-exact', '--loglevel=error'];
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
