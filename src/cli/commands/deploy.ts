/** `deploy`: an app to a local target that runs already, as `cdk deploy` does it to AWS. */
import { writeFileSync } from 'node:fs';
import { ask } from '../control';
import { appSource, synthesize } from '../synthesize';
import { findTarget } from '../target-record';
import { tellDeployment } from '../tell-deployment';
import type { ExitCode, Terminal } from '../terminal';
import { checkWritable } from '../writable-file';

export interface DeployOptions {
  readonly app?: string;
  readonly stacks?: readonly string[];
  readonly outputsFile?: string;
}

export async function run({ app, stacks, outputsFile }: DeployOptions, terminal: Terminal): Promise<ExitCode> {
  if (outputsFile !== undefined) checkWritable('--outputs-file', outputsFile);
  const source = appSource(app);
  findTarget(() => undefined); // before a synth that nobody would need
  const before = performance.now();
  await synthesize(source, terminal.signal, () => undefined);
  const made = performance.now();
  const deployment = await ask('deploy', { assembly: source.assembly, stacks }, terminal);
  const times = { synthMs: Math.round(made - before), deployMs: Math.round(performance.now() - made) };
  tellDeployment(deployment, times, terminal);
  const outputs = Object.fromEntries(deployment.stacks.map((stack) => [stack.stackName, stack.outputs]));
  if (outputsFile !== undefined) writeFileSync(outputsFile, `${JSON.stringify(outputs, undefined, 2)}\n`);
  for (const [stackName, values] of Object.entries(outputs))
    for (const [name, value] of Object.entries(values)) terminal.line(`${stackName}.${name} = ${value}`);
  return 0;
}
