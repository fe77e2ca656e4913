/**
 * The AWS SDK that Lambda's Node.js runtimes ship (https://docs.aws.amazon.com/lambda/latest/dg/lambda-nodejs.html),
 * taken from the project under test, else from where this package finds it: `@aws-sdk/*` and `@smithy/*`, nothing else.
 */
import { existsSync, mkdirSync, readdirSync, realpathSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';

const SCOPES = ['@aws-sdk', '@smithy'] as const;

/**
 * Puts a `node_modules` into `place`, which is above a task root, so that both `require` and `import` find it there.
 * @param base where the folder that many task roots share is made
 * @param made such folders, by what they were made from
 * @param origin the folder the code comes from; `undefined` for inline code
 */
export function linkRuntimeSdk(
  place: string,
  base: string,
  made: Map<string, string>,
  origin: string | undefined,
): void {
  const sources = sdkSources([...(origin === undefined ? [] : [origin]), process.cwd(), ownFolder()]);
  const key = sources.join('\n');
  const shared = made.get(key) ?? linkPackages(join(base, `sdk-${made.size}`), sources);
  made.set(key, shared);
  // A junction needs no privilege on Windows; elsewhere the type is ignored.
  symlinkSync(shared, join(place, 'node_modules'), 'junction');
}

/** Every `node_modules` above the given folders that holds SDK packages, the nearest first. */
function sdkSources(folders: readonly string[]): string[] {
  const found = new Set<string>();
  for (const start of folders) {
    for (let folder = realpathSync(start); ; folder = dirname(folder)) {
      const modules = join(folder, 'node_modules');
      if (SCOPES.some((scope) => existsSync(join(modules, scope)))) found.add(modules);
      if (folder === dirname(folder)) break;
    }
  }
  return [...found];
}

/** A package is linked to where it really is: what it depends on is found beside it there. */
function linkPackages(folder: string, sources: readonly string[]): string {
  for (const scope of SCOPES) {
    mkdirSync(join(folder, scope), { recursive: true });
    for (const source of sources) {
      if (!existsSync(join(source, scope))) continue;
      for (const name of readdirSync(join(source, scope))) {
        const link = join(folder, scope, name);
        if (!existsSync(link)) symlinkSync(realpathSync(join(source, scope, name)), link, 'junction');
      }
    }
  }
  return folder;
}

function ownFolder(): string {
  return typeof __dirname === 'string' ? __dirname : process.cwd();
}
