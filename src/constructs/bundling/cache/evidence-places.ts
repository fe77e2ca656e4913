/** Tells which places of the file system a build depends on, whatever it reads. */
import * as path from 'node:path';
import type { BuildSettings } from '../build/build-settings';
import { statOf } from '../files/probe';
import { isAbove } from '../files/project-root';
import { tsconfigChain } from '../files/tsconfig-chain';
import type { EvidenceKind } from './facts';
import { isProbedName } from './listed-names';

/** A fact that counts. */
export type Place = readonly [kind: EvidenceKind, place: string];

/** Places that every build with these settings depends on, besides what its options import. */
export function settingsPlaces(settings: BuildSettings): Place[] {
  const { root, lockFiles } = settings.project;
  const configs = settings.esbuild.tsconfig ? tsconfigChain(settings.esbuild.tsconfig).files : [];
  const content = [...lockFiles, path.join(root, 'node_modules', '.package-lock.json'), ...configs];
  return [
    ...directoryPlaces(root, settings),
    ...directoryPlaces(path.dirname(settings.entry), settings),
    ...content.map((file): Place => ['content', file]),
    ...configs.map((file): Place => ['real', file]),
    ...nodePathsOf(settings).map((dir): Place => ['modules', dir]),
  ];
}

/** Directories that take the place of a `node_modules` above every importer. */
export function nodePathsOf({ project, esbuild }: BuildSettings): string[] {
  return (esbuild.nodePaths ?? []).map((dir) => path.resolve(project.root, dir));
}

/** A path that is probed with extensions, and as a directory with an index file and a package.json. */
export function targetPlaces(target: string, settings: BuildSettings): Place[] {
  const file = filePlaces(target, settings);
  // A directory that is not there yet will show where it comes.
  return statOf(target)?.isDirectory() ? [...file, ...directoryPlaces(target, settings)] : file;
}

/** A path that is probed as a file, as it is and with extensions. */
function filePlaces(target: string, settings: BuildSettings): Place[] {
  const dir = path.dirname(target);
  const exact: Place[] = isProbedName(path.basename(target)) ? [] : [['names', dir]];
  return [...directoryPlaces(dir, settings), ...exact];
}

/** A directory that imports resolve in. */
export function directoryPlaces(dir: string, { project, esbuild }: BuildSettings): Place[] {
  // Those above the project fill with unrelated files: they are listed for those who reach there only.
  const listing: Place[] = isAbove(dir, project.root) ? [[esbuild.resolveExtensions ? 'names' : 'listing', dir]] : [];
  return [['directory', dir], ...listing];
}
