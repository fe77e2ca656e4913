/** What was deployed, and how long it took. */
import type { Deployment } from '../local/engine/deployment';
import type { Terminal } from './terminal';

export function tellDeployment(
  { stacks, warnings }: Deployment,
  times: Readonly<Record<'synthMs' | 'deployMs', number>>,
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
  terminal.note(`${list} (synth ${times.synthMs} ms, deploy ${times.deployMs} ms)`);
}
