/**
 * Makes synth tests fast; for `setupFiles` of jest, or an import at the top of a test file.
 *
 * It switches off one thing: the CloudFormation validator that newer versions of aws-cdk-lib start in every process that
 * synthesizes, which costs seconds per test file and finds errors in templates. Keep it on in `cdk synth`, and in one
 * test in CI, by setting the environment variable yourself: what is set already stays.
 *
 * Bundles are taken from the content cache without any setup; nothing about them changes here.
 */
process.env['CDK_VALIDATION'] ??= 'false';
