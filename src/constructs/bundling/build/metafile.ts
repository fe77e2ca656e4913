/** Reads esbuild's metafile: what one entry of a pass was built from, and what takes up its bytes. */
import type { Metafile } from 'esbuild';

/** A package, or the project's own code, inside a bundle. */
export interface PackageSize {
  readonly name: string;
  readonly bytes: number;
}

/** Name given to input files outside `node_modules`. */
const OWN_CODE = '(own code)';

/** Inputs reached from the given ones, as named in the metafile: other entries of the same pass do not count. */
export function reachableInputs(metafile: Metafile, from: readonly string[]): string[] {
  const reached = new Set<string>();
  const waiting = [...from];
  for (let input = waiting.pop(); input !== undefined; input = waiting.pop()) {
    if (reached.has(input)) continue;
    reached.add(input);
    for (const { path, external } of metafile.inputs[input]?.imports ?? []) {
      if (!external) waiting.push(path);
    }
  }
  return [...reached].sort();
}

/** Bytes in an output by package, largest first. */
export function packageSizes(output: Metafile['outputs'][string]): PackageSize[] {
  const sizes = new Map<string, number>();
  for (const [input, { bytesInOutput }] of Object.entries(output.inputs)) {
    const name = packageName(input);
    sizes.set(name, (sizes.get(name) ?? 0) + bytesInOutput);
  }
  return [...sizes].map(([name, bytes]) => ({ name, bytes })).sort((a, b) => b.bytes - a.bytes);
}

/** The part of a metafile that is about one entry, with the output named as it is in the bundle. */
export function metafileOf(metafile: Metafile, outputDir: string, inputs: readonly string[]): Metafile {
  const outputs = Object.entries(metafile.outputs)
    .filter(([name]) => name.startsWith(outputDir))
    .map(([name, output]) => [name.slice(outputDir.length), output] as const);
  return {
    inputs: Object.fromEntries(
      inputs.flatMap((name) => (metafile.inputs[name] ? [[name, metafile.inputs[name]]] : [])),
    ),
    outputs: Object.fromEntries(outputs),
  };
}

function packageName(input: string): string {
  const at = input.lastIndexOf('node_modules/');
  if (at < 0) return OWN_CODE;
  const [scope = '', name = ''] = input.slice(at + 'node_modules/'.length).split('/');
  return scope.startsWith('@') ? `${scope}/${name}` : scope;
}
