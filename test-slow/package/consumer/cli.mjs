// Starts the app by the installed command line, calls its function by another, and ends the first by Ctrl-C.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';

const bin = 'node_modules/.bin/cdk-lambda-streaming';
const target = spawn(bin, ['start', '--app', 'node app.cjs'], { stdio: ['ignore', 'pipe', 'inherit'] });
const ended = once(target, 'exit');
let said = '';
for await (const text of target.stdout.setEncoding('utf8')) {
  said += text;
  if (said.includes('Ctrl-C stops it')) break;
}
const { stdout, stderr, status } = spawnSync(bin, ['invoke', '--local', 'Cli/Hello', '-p', '{"name":"you"}'], {
  encoding: 'utf8',
});
if (status !== 0) console.log(stderr);
target.kill('SIGINT');
const [code] = await ended;
console.log(`${stdout}ended with ${code}`);
