/** The size of a bundle: what Lambda would refuse is refused at synth, and the author learns which packages make it large. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { Annotations } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { UNPACKED_CODE_MAX_BYTES } from '../../wire/limits';
import type { StreamingBundlingOptions } from '../streaming-bundling-options';
import type { BundleSummary } from './build/bundle-pass';
import { BundlingError } from './bundling-error';

/** Acknowledge it with this id. */
const SIZE_WARNING_ID = 'cdk-lambda-streaming:BundleOverBudget';

/** `1` prints the size of every bundle to standard error at synth. */
const SWITCH = 'CDK_LAMBDA_STREAMING_SIZES';

/** How many files the error names, and how many packages the warning. */
const LARGEST_FILES = 3;
const LARGEST_PACKAGES = 5;

interface SizedFile {
  readonly name: string;
  readonly bytes: number;
}

/** @throws BundlingError that names the largest files of a directory that Lambda would not take, minutes later and in fewer words */
export function checkUnpackedSize(dir: string): void {
  const files = sizesBelow(dir);
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  if (total <= UNPACKED_CODE_MAX_BYTES) return;
  const largest = [...files].sort((a, b) => b.bytes - a.bytes).slice(0, LARGEST_FILES);
  throw new BundlingError(
    'BundleTooLarge',
    `the bundle has ${megabytes(total)} unpacked, and Lambda takes ${megabytes(UNPACKED_CODE_MAX_BYTES)} at most, ` +
      `layers included (${largest.map(({ name, bytes }) => `${name} ${megabytes(bytes)}`).join(', ')}). ` +
      'Import less, read large files from S3 or EFS, or use a container image.',
  );
}

/** Links count as links: what they lead to may be in the bundle already. */
function sizesBelow(dir: string, prefix = ''): SizedFile[] {
  return fs.readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(dir, entry.name);
    const name = `${prefix}${entry.name}`;
    return entry.isDirectory() ? sizesBelow(file, `${name}/`) : [{ name, bytes: fs.lstatSync(file).size }];
  });
}

/** Warns about a bundle over its budget, and prints its size when the environment asks for it. */
export function reportSize(scope: Construct, options: StreamingBundlingOptions, summary: BundleSummary): void {
  const { bytes } = summary;
  if (process.env[SWITCH] === '1') {
    process.stderr.write(`${scope.node.path}: ${kilobytes(bytes)}${parts(summary)}\n`);
  }
  const budget = options.sizeBudget?.toBytes();
  if (budget === undefined || bytes <= budget) return;
  Annotations.of(scope).addWarningV2(
    SIZE_WARNING_ID,
    `the bundle is ${kilobytes(bytes)}, over its budget of ${kilobytes(budget)}${parts(summary)}. ` +
      'A larger bundle is a slower cold start: import less, minify, or raise sizeBudget.',
  );
}

function parts({ packages }: BundleSummary): string {
  const largest = packages.slice(0, LARGEST_PACKAGES).map(({ name, bytes }) => `${name} ${kilobytes(bytes)}`);
  return largest.length > 0 ? ` (${largest.join(', ')})` : '';
}

function kilobytes(bytes: number): string {
  if (bytes < 1_000) return `${bytes} bytes`;
  return `${(bytes / 1_000).toFixed(1)} kB`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
