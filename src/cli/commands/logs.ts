/** `logs`: what the functions of a running local target have logged, and with `--follow` what they log. */
import { askForAll } from '../control';
import type { ExitCode, Terminal } from '../terminal';

export interface LogsOptions {
  readonly function?: string;
  readonly follow?: boolean;
}

export async function run({ function: name, follow }: LogsOptions, terminal: Terminal): Promise<ExitCode> {
  const question = { ...(name !== undefined && { function: name }), ...(follow && { follow }) };
  try {
    for await (const { at, functionArn, requestId, message } of askForAll('logs', question, terminal)) {
      const time = new Date(at).toISOString();
      terminal.json({ time, functionArn, requestId, message });
      const title = terminal.colors.dim(`${time.slice(11, 23)} ${functionArn.split(':')[6] ?? ''} |`);
      for (const line of message.trimEnd().split('\n')) terminal.line(`${title} ${line}`);
    }
    if (follow) terminal.note('the local target has ended');
  } catch (error) {
    // Following has no other end.
    if (!follow || !terminal.signal.aborted) throw error;
  }
  return 0;
}
