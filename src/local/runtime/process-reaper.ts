/**
 * Kills what the target started, and removes its folders, when the target itself dies without a chance to clean up (`kill -9`). A child notices by
 * its lifeline, but not while it is busy in an endless loop; this small shell outlives both. It also ends what a handler
 * started and what left its group, by the marker in its environment.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import type { Socket } from 'node:net';
import { endMarked, MARKER } from './process-tree';

const SHELL = '/bin/sh';
// Reads `+pid`, `-pid` and `=folder`; at the end of the input, which is the end of the target, kills the groups that are left with
// all that they started, which is looked up first: nobody finds the children of a process that is gone.
const SCRIPT = `
pids=
marker=$1
shift
while IFS= read -r line; do
  case $line in
    +*) pids="$pids \${line#+}" ;;
    =*) set -- "$@" "\${line#=}" ;;
    -*) left=; for pid in $pids; do [ "$pid" = "\${line#-}" ] || left="$left $pid"; done; pids=$left ;;
  esac
done
all=" $pids "
parents=$(grep -s '^PPid:' /proc/[0-9]*/status 2>/dev/null)
grown=yes
while [ -n "$grown" ]; do
  grown=
  while IFS=: read -r file name parent; do
    id=\${file#/proc/}; id=\${id%/status}; parent=\${parent##*[!0-9]}
    [ -n "$id" ] && [ -n "$parent" ] || continue
    case $all in *" $id "*) continue ;; esac
    case $all in *" $parent "*) all="$all$id "; grown=yes ;; esac
  done <<END
$parents
END
done
for pid in $pids; do kill -9 -"$pid" 2>/dev/null; done
for pid in $all; do kill -9 "$pid" 2>/dev/null; done
if [ -d /proc/self ]; then
  for file in $(grep -lzs "^${MARKER}=$marker" /proc/[0-9]*/environ 2>/dev/null); do
    file=\${file#/proc/}; kill -9 "\${file%/environ}" 2>/dev/null
  done
fi
[ $# -eq 0 ] || rm -rf "$@"
`;

export class ProcessReaper {
  private shell: ChildProcess | undefined;
  private readonly folders = new Set<string>();
  /** Begins the markers of all execution environments of this target. */
  private readonly prefix = randomBytes(8).toString('hex');
  private environments = 0;
  private readonly ended = new Set<string>();
  private sweeping: Promise<void> | undefined;

  /** A new marker for the processes of one execution environment. */
  public newMarker(): string {
    this.environments += 1;
    return `${this.prefix}-${this.environments}`;
  }

  /** Ends what is left of an execution environment. One look at all processes serves all that end at the same time. */
  public sweep(marker: string): Promise<void> {
    this.ended.add(marker);
    this.sweeping ??= new Promise((resolve) => {
      setImmediate(() => {
        this.sweeping = undefined;
        endMarked(new Set(this.ended));
        this.ended.clear();
        resolve();
      });
    });
    return this.sweeping;
  }

  /** Whether or not anything runs yet. */
  public removeAtEnd(folder: string): void {
    this.folders.add(folder);
    this.shell?.stdin?.write(`=${folder}\n`);
  }

  /** Registers the leader of a process group. Without `/bin/sh` (Windows) the lifeline alone must do. */
  public watch(pid: number): void {
    if (this.shell === undefined && existsSync(SHELL)) {
      // Its own session: Ctrl-C in the terminal must not end it before the children.
      this.shell = spawn(SHELL, ['-c', SCRIPT, SHELL, this.prefix], {
        stdio: ['pipe', 'ignore', 'ignore'],
        detached: true,
        env: { PATH: '/usr/bin:/bin' },
      });
      // Neither the shell nor its pipe keeps a process alive that forgot to stop the target.
      this.shell.unref();
      (this.shell.stdin as Socket | null)?.unref();
      // Losing the reaper costs the safety net, not the invocation.
      this.shell.on('error', () => this.forget());
      this.shell.stdin?.on('error', () => this.forget());
      for (const folder of this.folders) this.shell.stdin?.write(`=${folder}\n`);
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
    shell.ref();
    const exited = once(shell, 'exit');
    shell.stdin?.end();
    if (shell.exitCode === null && shell.signalCode === null) await exited;
  }

  private forget(): void {
    this.shell = undefined;
  }
}
