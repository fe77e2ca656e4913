/** What was deployed, and how long it took: with what the app synthesized, or with new code alone. */
import type { ClientChange, Deployment } from '../local/engine/deployment';
import type { Terminal } from './terminal';

export function tellDeployment(
  { stacks, warnings }: Deployment,
  times: Readonly<Partial<Record<'synthMs' | 'deployMs', number>>>,
  terminal: Terminal,
): void {
  const { yellow, bold } = terminal.noteColors;
  terminal.json({
    type: 'deployed',
    ...times,
    stacks: stacks.map(({ stackName, account, region, status, outputs }) => ({
      stackName,
      account,
      region,
      status,
      outputs,
    })),
    warnings,
  });
  for (const warning of warnings) terminal.note(yellow(`warning: ${warning}`));
  const list = stacks.map(({ stackName, status }) => `${bold(stackName)} ${status}`).join(', ');
  const { synthMs, deployMs } = times;
  terminal.note(
    `${list} (${synthMs === undefined ? 'by CloudFormation' : `synth ${synthMs} ms, deploy ${deployMs} ms`})`,
  );
}

/** A save that changes no code, such as one that takes back what the last one did, says so. */
export function tellSwap(
  { stacks }: Deployment,
  { isSynthNext, ...times }: Readonly<Record<'buildMs' | 'deployMs', number>> & { readonly isSynthNext: boolean },
  terminal: Terminal,
): void {
  const swapped = stacks.filter(({ status }) => status !== 'unchanged').map(({ stackName }) => stackName);
  terminal.json({ type: 'swapped', ...times, stacks: swapped });
  const { bold, dim } = terminal.noteColors;
  const list = swapped.map((name) => bold(name)).join(', ');
  const what = list === '' ? 'the code is the one that is deployed' : `${list} has new code`;
  const next = isSynthNext ? dim(' synth follows') : '';
  terminal.note(`${what} (build ${times.buildMs} ms, deploy ${times.deployMs} ms)${next}`);
}

/** What the cdk CLI, or another client, did to the target beside deployments: hotswaps and deletions. */
export function tellChange(change: ClientChange, terminal: Terminal): void {
  terminal.json({ type: 'changed', ...change });
  const { bold } = terminal.noteColors;
  if (change.kind === 'stack-deleted') terminal.note(`${bold(change.stackName)} deleted (by CloudFormation)`);
  else {
    const what = change.kind === 'function-code' ? 'code' : 'configuration';
    terminal.note(`${bold(change.functionArn.split(':')[6] ?? '')} has new ${what} (by Lambda)`);
  }
}
