/** The choices a reader looks for first: versions, entry points, floors. Everything else derives from here. */

/** Floor and ceiling of the peers; see docs/decisions/ADR-02-peers.md. */
export const CDK_VERSION = '2.257.0';
export const CONSTRUCTS_VERSION = '10.5.1';
export const JSII_VERSION = '~6.0.0';
export const NODE_VERSION = '20.0.0';

/** TypeScript-only entry points, published as subpath exports beside the jsii root. */
export const SUBPATHS = ['contract', 'handler', 'web', 'invoker', 'fetcher', 'local', 'testing'] as const;

/** Pinned: `^` would let npm pick releases whose platform binaries are incomplete, and break `npm ci`. */
export const BIOME_VERSION = '2.5.15';
export const UNRS_RESOLVER_VERSION = '1.12.2';

export const DEV_DEPS = [
  '@aws-cdk/integ-tests-alpha@2.245.0-alpha.0',
  '@aws-cdk/integ-runner@2.197.10',
  '@aws-sdk/client-dynamodb@3.1164.0',
  '@aws-sdk/client-lambda@3.1164.0',
  '@aws-sdk/client-sfn@3.1164.0',
  '@smithy/core@3.41.0',
  '@smithy/fetch-http-handler@5.8.1',
  '@smithy/signature-v4@5.7.5',
  '@standard-schema/spec@1.1.0',
  'arktype@2.2.9',
  'aws-cdk@2.1148.1',
  'aws-lambda-ric@4.0.2',
  'cdk-nag@3.0.2',
  'commander@14.0.3',
  'dynalite@4.0.0',
  'esbuild@0.28.2',
  'eventsource-parser@3.1.1',
  'fast-check@4.10.2',
  'knip@6.44.2',
  'picocolors@1.1.1',
  'preact@11.2.0',
  'tsx@4.23.15',
  'typedoc@0.28.20',
  'typedoc-plugin-markdown@4.14.1',
  'typescript7@npm:typescript@7.0.2',
  'valibot@1.5.0',
  'vega-datasets@3.2.1',
  'yaml@2.9.1',
  'zod@4.6.7',
];

/** Loaded lazily by the code that needs them, with an error that names the install command. */
export const OPTIONAL_PEERS = {
  '@aws-sdk/client-cloudformation': '>=3.450.0',
  '@aws-sdk/client-lambda': '>=3.450.0',
  '@aws-sdk/client-ssm': '>=3.450.0',
  esbuild: '>=0.19.0',
};
