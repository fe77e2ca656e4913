/** Reads a JSON file of a cloud assembly, with errors that say what to do. */

import { readFileSync } from 'node:fs';
import { AssemblyError } from './assembly-error';

/** What the file holds. Throws an AssemblyError when it cannot be read or is not JSON. */
export function readJson(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new AssemblyError(`the cloud assembly refers to "${file}", which cannot be read; run "cdk synth" again`, {
      cause: error,
    });
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new AssemblyError(`"${file}" is not JSON; templates and manifests must be as "cdk synth" wrote them`, {
      cause: error,
    });
  }
}
