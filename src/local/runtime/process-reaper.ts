/**
 * Kills what the target started when the target itself dies without a chance to clean up (`kill -9`). A child notices by
 * its lifeline, but not while it is busy in an endless loop; this small shell outlives both.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';

const SHELL = '/bin/sh';
// Reads `+pid` and `-pid`; at the end of the input, which is the end of the target, kills the groups that are left.
const SCRIPT = `
pids=
while read -r line; do
  case $line in
    +*) pids="$pids \${line#+}" ;;
    -*) left=; for pid in $pids; do [ "$pid" = "\${line#-}" ] || left="$left $pid"; done; pids=$left ;;
  esac
done
for pid in $pids; do kill -9 -"$pid" 2>/dev/null; done
`;

export class ProcessReaper {
  private shell: ChildProcess | undefined;

  /** Registers the leader of a process group. Without `/bin/sh` (Windows) the lifeline alone must do. */
  public watch(pid: number): void {
    if (this.shell === undefined && existsSync(SHELL)) {
      // Its own session: Ctrl-C in the terminal must not end it before the children.
      this.shell = spawn(SHELL, ['-c', SCRIPT], { stdio: ['pipe', 'ignore', 'ignore'], detached: true, env: {} });
      // Losing the reaper costs the safety net, not the invocation.
      this.shell.on('error', () => this.forget());
      this.shell.stdin?.on('error', () => this.forget());
    }
    this.shell?.stdin?.write(`+${pid}\n`);
  }

  public release(pid: number): void {
    this.shell?.stdin?.write(`-${pid}\n`);
  }

  public async stop(): Promise<void> {
    const { shell } = this;
    if (shell === undefined) return;
    this.forget();
    const exited = once(shell, 'exit');
    shell.stdin?.end();
    if (shell.exitCode === null && shell.signalCode === null) await exited;
  }

  private forget(): void {
    this.shell = undefined;
  }
}
