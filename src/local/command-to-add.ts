/** The command that gives the project of this folder a package: by the package manager whose lock file is nearest. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { INSTALL_COMMANDS, PACKAGE_MANAGER_OF } from '../base/install-commands';

/**
 * @param names of one or more packages
 * @param use `code` where the project's own code imports them
 */
export function commandToAdd(names: string, use: 'code' | 'development' = 'development'): string {
  const { adds, addsForDevelopment } = INSTALL_COMMANDS[packageManager(process.cwd()) ?? 'npm'];
  return `${use === 'code' ? adds : addsForDevelopment} ${names}`;
}

function packageManager(folder: string): keyof typeof INSTALL_COMMANDS | undefined {
  for (const [lockFile, manager] of PACKAGE_MANAGER_OF) if (existsSync(join(folder, lockFile))) return manager;
  const above = dirname(folder);
  return above === folder ? undefined : packageManager(above);
}
