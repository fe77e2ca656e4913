/** Tells the author how large a bundle is and which packages make it so. */
import { Annotations } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import type { StreamingBundlingOptions } from '../streaming-bundling-options';
import type { BundleFacts } from './cache/bundle-cache';

/** Acknowledge it with this id. */
export const SIZE_WARNING_ID = 'cdk-lambda-streaming:BundleOverBudget';

/** `1` prints the size of every bundle to standard error at synth. */
const SWITCH = 'CDK_LAMBDA_STREAMING_SIZES';

const LARGEST = 5;

/** Log levels that hide warnings. */
const QUIET: readonly string[] = ['error', 'silent'];

/** Prints esbuild's warnings, warns about a bundle over its budget, and prints its size when the environment asks for it. */
export function reportBundle(scope: Construct, options: StreamingBundlingOptions, facts: BundleFacts): void {
  if (!QUIET.includes(options.logLevel ?? '')) for (const warning of facts.warnings) process.stderr.write(warning);
  if (process.env[SWITCH] === '1') {
    process.stderr.write(`${scope.node.path}: ${kilobytes(facts.bytes)}${parts(facts)}\n`);
  }
  const budget = options.sizeBudget?.toBytes();
  if (budget === undefined || facts.bytes <= budget) return;
  Annotations.of(scope).addWarningV2(
    SIZE_WARNING_ID,
    `the bundle is ${kilobytes(facts.bytes)}, over its budget of ${kilobytes(budget)}${parts(facts)}. ` +
      'A larger bundle is a slower cold start: import less, minify, or raise sizeBudget.',
  );
}

function parts({ packages }: BundleFacts): string {
  const largest = packages.slice(0, LARGEST).map(({ name, bytes }) => `${name} ${kilobytes(bytes)}`);
  return largest.length > 0 ? ` (${largest.join(', ')})` : '';
}

function kilobytes(bytes: number): string {
  if (bytes < 1_000) return `${bytes} bytes`;
  return `${(bytes / 1_000).toFixed(1)} kB`;
}
