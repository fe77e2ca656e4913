// Puts the bundled command line in the place of the compiled one, which needs packages that users do not have.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleCli } from './cli-bundle.cjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
await bundleCli(join(root, 'lib', 'cli'));
