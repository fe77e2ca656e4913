import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The line by which docs/invoker.md passes a stream on in a framework's route. */
export function recipeFor(framework: string): string {
  const page = readFileSync(join(__dirname, '../../docs/invoker.md'), 'utf8');
  const recipe = new RegExp(`^\\| ${framework} \\| \`(.*)\` \\|$`, 'm').exec(page)?.[1];
  if (recipe === undefined) throw new Error(`docs/invoker.md has no recipe for ${framework}`);
  return recipe;
}
