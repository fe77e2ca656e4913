/** The option `--image`: programs that play container images, as `images` of startLocal() takes them. */
import type { StartLocalOptions } from '../local/local-target';
import { UsageError } from './usage-error';

/**
 * @param given each `Stack/Web=node server.js`: construct path or name of the function, and a command of the shell, which runs in
 *   the working directory
 */
export function imagePrograms(given: readonly string[]): NonNullable<StartLocalOptions['images']> {
  const programs = given.map((text) => {
    const [, name, command] = /^([^=]+)=\s*(\S.*)$/s.exec(text) ?? [];
    if (name !== undefined && command !== undefined) {
      return [name, { command: ['sh', '-c', `exec ${command}`], cwd: process.cwd() }] as const;
    }
    throw new UsageError(
      `--image must be a function and the command that plays its image, such as 'Stack/Web=node server.js', got '${text}'`,
    );
  });
  return Object.fromEntries(programs);
}
