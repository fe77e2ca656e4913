/**
 * Keeps bundles on disk, next to the evidence of what they depend on.
 *
 * `<key>/entry.json` says what a build gave and under which facts; `<key>/<asset hash>/` holds its files. Both appear by
 * rename, so parallel synths see them whole or not at all; whatever does not add up is a miss.
 */
import { createHash, randomUUID } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { assetFingerprint } from '../assets/asset-fingerprint';
import { type BundleFile, linkFiles, readFiles } from '../assets/bundle-files';
import type { BuildSettings } from '../build/build-settings';
import type { BundleSummary } from '../build/bundle-pass';
import { esbuildFor } from '../build/load-esbuild';
import { statOf } from '../files/probe';
import { type CachePlace, cachePlace, trimCache } from './cache-folder';
import type { Evidence } from './evidence';
import { EVIDENCE_KINDS } from './facts';

/** Part of every key: raise it when bundles, keys or evidence are made differently. */
const CACHE_VERSION = 5;

/** What was used longest ago goes first when there is more than this. */
const BOUNDS = { maxEntries: 2_000, maxBytes: 1024 ** 3 };

const ENTRY_FILE = 'entry.json';

/** What is known about a bundle without looking into it. */
export interface BundleFacts extends BundleSummary {
  /** Asset hash. */
  readonly hash: string;
  /** Names that it exports, as far as they are known. */
  readonly exports: readonly string[] | undefined;
}

/** A bundle that is kept, and what it depends on. */
export interface CacheEntry extends BundleFacts {
  /** The files it is made of, as esbuild names them: what it depends on is more. */
  readonly inputs: readonly string[];
  readonly evidence: Evidence;
}

/** The bundles of one project. */
export class BundleStore {
  /** The cache of a project, or `undefined` when it is switched off by the environment. */
  public static of(settings: BuildSettings): BundleStore | undefined {
    const place = cachePlace(settings.project.root);
    return place && new BundleStore(place);
  }

  private constructor(private readonly place: CachePlace) {}

  /** The bundle of these settings, if its evidence holds. */
  public find(settings: BuildSettings, holds: (evidence: Evidence) => boolean): CacheEntry | undefined {
    const file = path.join(this.placeOf(settings), ENTRY_FILE);
    const entry = attempt((): unknown => JSON.parse(fs.readFileSync(file, 'utf8')));
    if (!isEntry(entry) || !holds(entry.evidence)) return undefined;
    const now = new Date();
    attempt(() => fs.utimesSync(file, now, now));
    return entry;
  }

  /** Files of a bundle found before, or `undefined` when they are gone or damaged. */
  public read(settings: BuildSettings, hash: string): BundleFile[] | undefined {
    const files = attempt(() => readFiles(path.join(this.placeOf(settings), hash)));
    if (files && files.length > 0 && assetFingerprint(files) === hash) return files;
    this.remove(settings);
    return undefined;
  }

  /**
   * Keeps a bundle; a cache that cannot be written to is no reason to fail a synth.
   *
   * Its files are shared with the cloud assembly they were built into: whoever edits them there makes a damaged entry,
   * which `read` finds out. Assemblies that get them from the cache have copies, so that no two share a file.
   */
  public store(settings: BuildSettings, entry: CacheEntry, files: readonly BundleFile[]): void {
    const place = this.placeOf(settings);
    attempt(() => {
      publish(path.join(place, entry.hash), (temporary) => linkFiles(temporary, files));
      publish(path.join(place, ENTRY_FILE), (temporary) => fs.writeFileSync(temporary, JSON.stringify(entry)));
      for (const name of fs.readdirSync(place)) {
        if (/^[0-9a-f]{64}$/.test(name) && name !== entry.hash) fs.rmSync(path.join(place, name), { recursive: true });
      }
    });
  }

  /** Keeps the cache bounded; to be called after storing. */
  public trim(): void {
    attempt(() => trimCache(this.place.dir, BOUNDS));
  }

  private remove(settings: BuildSettings): void {
    attempt(() => fs.rmSync(this.placeOf(settings), { recursive: true, force: true }));
  }

  private placeOf(settings: BuildSettings): string {
    return path.join(this.place.dir, cacheKey(settings, this.place.project));
  }
}

/** Identifies a build by everything but the files it reads. */
export function cacheKey(settings: BuildSettings, project: string): string {
  const { version } = esbuildFor(settings);
  const parts = [CACHE_VERSION, version, binaryOverride(), project, settings.key];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 40);
}

/** An esbuild of one's own can be built again, and still say it is the same version. */
function binaryOverride(): readonly (string | number)[] {
  const binary = process.env['ESBUILD_BINARY_PATH'];
  if (!binary) return [];
  const { size = 0, mtimeMs = 0 } = statOf(binary) ?? {};
  return [binary, size, mtimeMs];
}

function isEntry(value: unknown): value is CacheEntry {
  if (!isRecord(value) || !isRecord(value['evidence'])) return false;
  const { evidence } = value;
  return (
    typeof value['hash'] === 'string' &&
    /^[0-9a-f]{64}$/.test(value['hash']) &&
    typeof value['bytes'] === 'number' &&
    Array.isArray(value['packages']) &&
    Array.isArray(value['warnings']) &&
    isTexts(value['inputs']) &&
    (value['exports'] === undefined || isTexts(value['exports'])) &&
    EVIDENCE_KINDS.every((kind) => isRecord(evidence[kind]))
  );
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** Makes a file or directory appear whole; another synth may have been faster, with the same bytes. */
function publish(target: string, write: (temporary: string) => void): void {
  const temporary = `${target}.${randomUUID()}`;
  write(temporary);
  attempt(() => fs.renameSync(temporary, target));
  fs.rmSync(temporary, { recursive: true, force: true });
}

/** The cache is a convenience: what fails in it counts as not there. */
function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}
