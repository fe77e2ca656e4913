/**
 * Tells what entries export, where that is known for sure.
 *
 * esbuild itself is asked, which reads each entry by itself once more: its report of a bundle names the exports of ES modules
 * only. CommonJS may export anything at run time.
 */
import type { BuildOptions, Metafile, OutputFile } from 'esbuild';
import { type BuildSettings, nameInMetafile, posix, VIRTUAL_OUTDIR } from './build-settings';
import { esbuildFor } from './load-esbuild';

/** Adds the names of another module, which the report leaves out. */
const STAR = /\bexport\s*\*\s*from\b/;

/** Stands for the variables through which code can export at run time, wherever it means those of the module. */
const RUN_TIME = '__cdkLambdaStreamingExports';

/** The names that an entry exports: all of them, or all but those of a module that it re-exports as a whole. */
type Exports = readonly string[] | 'star' | 'unknown';

/** The names that entries of one group export; an entry that may have others is left out. */
export function exportsOf(group: readonly BuildSettings[]): Map<BuildSettings, readonly string[]> {
  const alone = read(group, false);
  // The few entries that re-export all of a module are read together with the modules of the project.
  const stars = group.filter((_settings, index) => alone[index] === 'star');
  const together = read(stars, true);
  const names = (settings: BuildSettings, index: number) => together[stars.indexOf(settings)] ?? alone[index];
  return new Map(
    group.flatMap((settings, index) => {
      const found = names(settings, index);
      return found === undefined || typeof found === 'string' ? [] : [[settings, found] as const];
    }),
  );
}

function read(group: readonly BuildSettings[], bundle: boolean): Exports[] {
  const [first] = group;
  if (first === undefined) return [];
  const { tsconfig, tsconfigRaw, loader = {} } = first.esbuild;
  const options = {
    absWorkingDir: first.project.root,
    entryPoints: group.map(({ entry }, index) => ({ in: entry, out: String(index) })),
    outdir: VIRTUAL_OUTDIR,
    platform: 'node',
    format: 'esm',
    define: { module: RUN_TIME, exports: RUN_TIME },
    loader,
    ...(tsconfig !== undefined && { tsconfig }),
    ...(tsconfigRaw !== undefined && { tsconfigRaw }),
    charset: 'utf8',
    logLevel: 'silent',
    metafile: true as const,
    write: false as const,
    bundle,
    ...(bundle && { packages: 'external' as const }),
  } satisfies BuildOptions;
  try {
    const { metafile, outputFiles } = esbuildFor(first).buildSync(options);
    return group.map((settings, index) => exportsIn(settings, metafile, outputFiles, `${VIRTUAL_OUTDIR}/${index}.js`));
  } catch {
    // What builds as a bundle may not build by itself. A warning that is missing does no harm.
    return [];
  }
}

function exportsIn(settings: BuildSettings, metafile: Metafile, files: readonly OutputFile[], name: string): Exports {
  const output = metafile.outputs[name];
  const text = files.find((file) => posix(file.path).endsWith(`/${name}`))?.text ?? RUN_TIME;
  const isModule = metafile.inputs[nameInMetafile(settings, settings.entry)]?.format === 'esm';
  const isMixed = Object.keys(output?.inputs ?? {}).some((input) => metafile.inputs[input]?.format === 'cjs');
  if (output === undefined || !isModule || isMixed || text.includes(RUN_TIME)) return 'unknown';
  return STAR.test(text) ? 'star' : (output.exports ?? 'unknown');
}
