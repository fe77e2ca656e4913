/**
 * How a synth tells whoever started it what its bundles are made of: the environment variable names a file, to which the
 * app's process appends absolute paths of files, one a line. `dev` watches what they name.
 */
export const BUNDLE_INPUTS_VARIABLE = 'CDK_LAMBDA_STREAMING_BUNDLE_INPUTS';
