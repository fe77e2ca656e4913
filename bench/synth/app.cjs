/** Synthesizes an app with many streaming functions, whose code comes from one of the variants compared. */
const { writeFileSync } = require('node:fs');
const path = require('node:path');
const lambda = require('aws-cdk-lib/aws-lambda');
const iam = require('aws-cdk-lib/aws-iam');
const { App, Stack } = require('aws-cdk-lib/core');

/** CloudFormation allows 500 resources in a stack; a function here is six. */
const FUNCTIONS_PER_STACK = 60;

const RUNTIME = lambda.Runtime.NODEJS_22_X;

/** How each variant makes a function, `entry` being an absolute path. */
const VARIANTS = {
  inline: () => (scope, id, _entry, props) =>
    new lambda.Function(scope, id, { ...props, code: lambda.Code.fromInline('exports.handler = 1') }),
  asset:
    ({ root }) =>
    (scope, id, _entry, props) =>
      new lambda.Function(scope, id, { ...props, code: lambda.Code.fromAsset(path.join(root, 'dist', id)) }),
  nodejs: ({ root }) => {
    const { NodejsFunction } = require('aws-cdk-lib/aws-lambda-nodejs');
    const depsLockFilePath = path.join(root, 'package-lock.json');
    return (scope, id, entry, { handler: _handler, ...props }) =>
      new NodejsFunction(scope, id, { ...props, entry, depsLockFilePath });
  },
  'nodejs-direct': (project) => {
    const lib = path.dirname(require.resolve('aws-cdk-lib/package.json'));
    const { PackageManager } = require(path.join(lib, 'aws-lambda-nodejs', 'lib', 'package-manager.js'));
    PackageManager.prototype.runBinCommand = () => [process.env.BENCH_ESBUILD];
    return VARIANTS.nodejs(project);
  },
  'cdk-esbuild': ({ root }) => {
    const { TypeScriptCode } = require('@mrgrain/cdk-esbuild');
    const buildOptions = { absWorkingDir: root, platform: 'node', target: 'node22', external: ['@aws-sdk/*'] };
    return (scope, id, entry, props) =>
      new lambda.Function(scope, id, {
        ...props,
        handler: `${id}.handler`,
        code: new TypeScriptCode(path.relative(root, entry), { buildOptions }),
      });
  },
  ours: () => {
    const { StreamingCode } = require(process.env.BENCH_OURS);
    return (scope, id, entry, props) =>
      new lambda.Function(scope, id, { ...props, code: StreamingCode.fromEntry(entry) });
  },
};

/** An app of `count` functions, each with a version, an alias, a streaming URL and a permission. */
function build(variant, root, count, outdir) {
  const app = new App({ outdir, analyticsReporting: false });
  const define = VARIANTS[variant]({ root });
  let stack;
  for (let index = 0; index < count; index++) {
    if (index % FUNCTIONS_PER_STACK === 0) {
      stack = new Stack(app, `Stack${index / FUNCTIONS_PER_STACK}`, {
        env: { account: '111111111111', region: 'eu-west-1' },
      });
    }
    const entry = path.join(root, 'src', `fn${index}.ts`);
    const fn = define(stack, `fn${index}`, entry, { runtime: RUNTIME, handler: 'index.handler', memorySize: 256 });
    const alias = new lambda.Alias(stack, `fn${index}Live`, { aliasName: 'live', version: fn.currentVersion });
    const url = alias.addFunctionUrl({ invokeMode: lambda.InvokeMode.RESPONSE_STREAM });
    const caller = iam.Role.fromRoleArn(stack, `fn${index}Caller`, 'arn:aws:iam::222222222222:role/caller');
    url.grantInvokeUrl(caller);
    alias.grantInvoke(caller);
  }
  return app;
}

module.exports = { build };

if (require.main === module) {
  const [variant, root, count, outdir] = process.argv.slice(2);
  process.chdir(root);
  build(variant, root, Number(count), outdir).synth();
  import('./measure.mjs').then(({ livingChildrenCpu }) =>
    writeFileSync(process.env.BENCH_REPORT, JSON.stringify({ living: livingChildrenCpu() })),
  );
}
