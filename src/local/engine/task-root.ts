/**
 * A folder of its own for the code of each function, as `/var/task` is on AWS: Node.js finds no package.json and no
 * node_modules of the project that the cloud assembly lies in, and a function that writes to its code harms nothing.
 */
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, isAbsolute, join, relative, sep } from 'node:path';
import { forgetCodeOrigin, noteCodeOrigin } from '../code-origin';
import { SdkPlaces } from './runtime-sdk';

/** The task roots of one local target, each beside the node_modules that stand for those of Lambda's runtime. */
export class TaskRoots {
  private base: string | undefined;
  private readonly places = new SdkPlaces();
  private readonly roots = new Set<string>();
  /** Those that were not deployed when it was last asked. */
  private replaced: ReadonlySet<string> = new Set();

  /** @param onFolder told the temporary folder that holds them */
  public constructor(private readonly onFolder: (folder: string) => void = () => undefined) {}

  /**
   * The task root that is a copy of `folder`; the same one while nothing in the folder changes.
   * @param origin the folder that is named where somebody reads of its files
   */
  public copyOf(folder: string, origin = folder): string {
    const entries = entriesOf(folder);
    const hash = createHash('sha256')
      .update(JSON.stringify([realpathSync(folder), entries]))
      .digest('hex');
    return this.once(hash, folder, (root) => {
      for (const entry of entries) copyEntry(folder, root, entry);
      noteCodeOrigin(root, origin);
    });
  }

  /** The task root with this content, filled the first time. `origin`, a file or folder, tells whose project the AWS SDK is taken from. */
  public once(hash: string, origin: string | undefined, fill: (root: string) => void): string {
    const root = join(this.places.place(this.base ?? this.makeBase(), origin), hash.slice(0, 32));
    if (this.roots.has(root)) return root;
    mkdirSync(root);
    try {
      fill(root);
      this.roots.add(root);
    } catch (error) {
      rmSync(root, { recursive: true, force: true });
      throw error;
    }
    return root;
  }

  /**
   * Removes the task roots that nothing runs, and that were not deployed when this was called before either: an invocation
   * that has not begun to run yet knows the code of the deployment before.
   */
  public removeUnused(deployed: ReadonlySet<string>, running: ReadonlySet<string>): void {
    const replaced = [...this.roots].filter((root) => !deployed.has(root));
    for (const root of replaced) {
      if (!this.replaced.has(root) || running.has(root)) continue;
      rmSync(root, { recursive: true, force: true });
      forgetCodeOrigin(root);
      this.roots.delete(root);
    }
    this.replaced = new Set(replaced.filter((root) => this.roots.has(root)));
  }

  /** Gives code that is there already the packages of the AWS SDK that were installed since; says whether there are any. */
  public refreshPackages(): boolean {
    return this.places.refresh();
  }

  public clear(): void {
    if (this.base !== undefined) rmSync(this.base, { recursive: true, force: true });
    this.base = undefined;
    this.places.clear();
    this.roots.clear();
    this.replaced = new Set();
  }

  private makeBase(): string {
    this.base = isolatedFolder();
    this.onFolder(this.base);
    return this.base;
  }
}

/** A new temporary folder that no project shows through to, even where the temporary folder lies inside a project. */
function isolatedFolder(): string {
  const places = [tmpdir(), '/tmp', '/var/tmp'].filter((place) => existsSync(place));
  const free = places.find(
    (place) => !ancestors(realpathSync(place)).some((above) => existsSync(join(above, 'node_modules'))),
  );
  const base = mkdtempSync(join(realpathSync(free ?? tmpdir()), 'lambda-code-'));
  // Ends the search for the package.json that decides whether `.js` is CommonJS: on AWS there is none above the code.
  writeFileSync(join(base, 'package.json'), '{}\n');
  return base;
}

function ancestors(folder: string): string[] {
  const above = dirname(folder);
  return above === folder ? [folder] : [folder, ...ancestors(above)];
}

type Entry = readonly [path: string, kind: 'folder' | 'file' | 'link', version: string];

/** Everything in a folder, by its path there. A link that leads out of the folder is what it leads to, as in a zip file. */
function entriesOf(folder: string): Entry[] {
  const within = realpathSync(folder);
  const entries: Entry[] = [];
  const walk = (path: string, open: readonly string[]): void => {
    for (const item of readdirSync(join(folder, path), { withFileTypes: true })) {
      const name = join(path, item.name);
      if (item.isSymbolicLink() && staysLink(within, join(folder, name))) {
        entries.push([name, 'link', readlinkSync(join(folder, name))]);
        continue;
      }
      const real = realpathSync(join(folder, name));
      const found = statSync(real);
      if (!found.isDirectory()) entries.push([name, 'file', `${found.size} ${found.mtimeMs} ${found.mode}`]);
      else if (!open.includes(real)) {
        entries.push([name, 'folder', '']);
        walk(name, [...open, real]);
      }
    }
  };
  walk('', [within]);
  return entries;
}

/** Also one that leads nowhere: whoever made the folder knows why. */
function staysLink(folder: string, link: string): boolean {
  const to = readlinkSync(link);
  if (!existsSync(link)) return true;
  if (isAbsolute(to)) return false;
  const path = relative(folder, join(realpathSync(dirname(link)), to));
  return path !== '..' && !path.startsWith(`..${sep}`) && !isAbsolute(path);
}

function copyEntry(from: string, to: string, [path, kind, version]: Entry): void {
  if (kind === 'folder') mkdirSync(join(to, path), { recursive: true });
  else if (kind === 'link') symlinkSync(version, join(to, path));
  else copyFileSync(join(from, path), join(to, path));
}
