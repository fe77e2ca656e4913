/** What a user types to get a package, by the package manager of the project. */

export interface InstallCommands {
  readonly adds: string;
  /** For a package that the project's own code does not import. */
  readonly addsForDevelopment: string;
}

export const INSTALL_COMMANDS = {
  npm: { adds: 'npm install', addsForDevelopment: 'npm install --save-dev' },
  yarn: { adds: 'yarn add', addsForDevelopment: 'yarn add --dev' },
  pnpm: { adds: 'pnpm add', addsForDevelopment: 'pnpm add --save-dev' },
  bun: { adds: 'bun add', addsForDevelopment: 'bun add --dev' },
} as const satisfies Readonly<Record<string, InstallCommands>>;

/** Who writes which lock file, in the order `NodejsFunction` prefers them. */
export const PACKAGE_MANAGER_OF: ReadonlyMap<string, keyof typeof INSTALL_COMMANDS> = new Map([
  ['pnpm-lock.yaml', 'pnpm'],
  ['yarn.lock', 'yarn'],
  ['bun.lock', 'bun'],
  ['bun.lockb', 'bun'],
  ['package-lock.json', 'npm'],
]);
