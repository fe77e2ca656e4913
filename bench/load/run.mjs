// What loading the compiled package costs over the parts of aws-cdk-lib that every app with a function loads. Needs a build.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROUNDS = 15;
const AIM_MS = 40;
const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const lib = join(root, 'lib', 'index.js');
if (!existsSync(lib)) throw new Error(`there is no ${lib}: run npm run build first`);

/** A new process each time, since a module is loaded once: milliseconds of the rival, and of what is added to it. */
function measure(added) {
  const script = `
    const clock = () => process.cpuUsage().user + process.cpuUsage().system;
    const start = clock();
    require('aws-cdk-lib/core').Stack; require('aws-cdk-lib/aws-lambda').Function; require('aws-cdk-lib/aws-iam').Role;
    const middle = clock();
    ${added};
    console.log(JSON.stringify([(middle - start) / 1000, (clock() - middle) / 1000]));`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['-e', script], { cwd: root, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];

for (const [name, added] of [
  ["require('cdk-lambda-streaming')", `require(${JSON.stringify(lib)})`],
  ['and its StreamingFunction', `require(${JSON.stringify(lib)}).StreamingFunction`],
  ['and all of its exports', `Object.values(require(${JSON.stringify(lib)}))`],
]) {
  const rounds = Array.from({ length: ROUNDS }, () => measure(added));
  const [base, ours] = [0, 1].map((index) => median(rounds.map((round) => round[index])));
  const verdict = ours <= AIM_MS ? 'met' : 'MISSED';
  console.log(
    `${name}: ${ours.toFixed(1)} ms of CPU over ${base.toFixed(0)} ms of aws-cdk-lib (${(ours / base).toFixed(2)}); aim ${AIM_MS} ms ${verdict}`,
  );
}
