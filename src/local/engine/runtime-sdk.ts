/**
 * The AWS SDK that Lambda's Node.js runtimes ship (https://docs.aws.amazon.com/lambda/latest/dg/lambda-nodejs.html),
 * taken from the project under test, else from where this package finds it: `@aws-sdk/*` and `@smithy/*`, nothing else.
 */
import { existsSync, mkdirSync, readdirSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';

const SCOPES = ['@aws-sdk', '@smithy'] as const;

/**
 * The folders that hold task roots, each with a `node_modules` that both `require` and `import` find above the code: one for
 * each choice of packages. Folders and links are what a deployment takes the longest for.
 */
export class SdkPlaces {
  private places: readonly Place[] = [];
  /** The folders that the packages come from, by where the search begins. */
  private readonly found = new Map<string, readonly string[]>();

  /**
   * The folder in `base` for code that comes from the file or folder `origin`.
   * @param origin `undefined` for inline code
   */
  public place(base: string, origin: string | undefined): string {
    const starts = [...(origin === undefined ? [] : [dirname(realpathSync(origin))]), process.cwd(), ownFolder()];
    const sources = this.sourcesAbove(starts);
    const known = this.places.find((place) => place.sources === sources.join('\n'));
    if (known !== undefined) {
      for (const start of starts) known.starts.add(start);
      return known.folder;
    }
    const folder = join(base, `code-${this.places.length}`);
    linkPackages(join(folder, 'node_modules'), sources);
    this.places = [...this.places, { folder, starts: new Set(starts), ...foundIn(sources) }];
    return folder;
  }

  /** Gives code that is there already the packages that were installed since; says whether there are any. */
  public refresh(): boolean {
    this.found.clear();
    const before = this.places.map(({ packages }) => packages);
    this.places = this.places.map((place) => {
      const sources = this.sourcesAbove([...place.starts].filter(existsSync));
      const found = foundIn(sources);
      if (found.packages !== place.packages) {
        const modules = join(place.folder, 'node_modules');
        rmSync(modules, { recursive: true, force: true });
        linkPackages(modules, sources);
      }
      return { ...place, ...found };
    });
    return this.places.some(({ packages }, at) => packages !== before[at]);
  }

  public clear(): void {
    this.places = [];
    this.found.clear();
  }

  private sourcesAbove(starts: readonly string[]): readonly string[] {
    const sources = starts.flatMap((start) => {
      const known = this.found.get(start) ?? sdkSources(start);
      this.found.set(start, known);
      return known;
    });
    return [...new Set(sources)];
  }
}

interface Place {
  readonly folder: string;
  /** Where the search for packages begins, for all code that lies there. */
  readonly starts: Set<string>;
  /** Where packages were found, and which. */
  readonly sources: string;
  readonly packages: string;
}

function foundIn(sources: readonly string[]): Pick<Place, 'sources' | 'packages'> {
  const scopes = sources.flatMap((source) => SCOPES.map((scope) => join(source, scope))).filter(existsSync);
  const packages = scopes.map((scope) => [scope, ...readdirSync(scope).sort()].join('\n')).join('\n\n');
  return { sources: sources.join('\n'), packages };
}

/** Every `node_modules` above a folder that holds SDK packages, the nearest first. */
function sdkSources(start: string): string[] {
  const found: string[] = [];
  for (let folder = realpathSync(start); ; folder = dirname(folder)) {
    const modules = join(folder, 'node_modules');
    if (SCOPES.some((scope) => existsSync(join(modules, scope)))) found.push(modules);
    if (folder === dirname(folder)) return found;
  }
}

/**
 * Packages of one source are there by a link to their scope, those of several by links of their own. Node.js takes a package from
 * where it really is: what it depends on is found beside it there.
 */
function linkPackages(folder: string, sources: readonly string[]): void {
  mkdirSync(folder, { recursive: true });
  for (const scope of SCOPES) {
    const [first, ...others] = sources.map((source) => join(source, scope)).filter(existsSync);
    if (first === undefined) continue;
    // A junction needs no privilege on Windows; elsewhere the type is ignored.
    if (others.length === 0) symlinkSync(realpathSync(first), join(folder, scope), 'junction');
    else linkEach(join(folder, scope), [first, ...others]);
  }
}

function linkEach(folder: string, scopes: readonly string[]): void {
  mkdirSync(folder);
  for (const scope of scopes) {
    for (const name of readdirSync(scope)) {
      const link = join(folder, name);
      if (!existsSync(link)) symlinkSync(realpathSync(join(scope, name)), link, 'junction');
    }
  }
}

function ownFolder(): string {
  return typeof __dirname === 'string' ? __dirname : process.cwd();
}
