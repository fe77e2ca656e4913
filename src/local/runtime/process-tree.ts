/**
 * Finds processes by what Linux tells of them under `/proc` (https://man7.org/linux/man-pages/man5/proc.5.html). On other
 * systems nothing is found, and process groups alone must do.
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** The variable that every process of an execution environment inherits, unless it was started with others. */
export const MARKER = '_LOCAL_ENVIRONMENT';

/** Ids of the processes that `pid` started, and those started by them, as long as their parents live. */
export function descendantsOf(pid: number): number[] {
  const children = new Map<number, number[]>();
  for (const id of processIds()) {
    const parent = parentOf(id);
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), id]);
  }
  const found: number[] = [];
  for (let open = children.get(pid) ?? []; open.length > 0; open = open.flatMap((id) => children.get(id) ?? [])) {
    found.push(...open);
  }
  return found;
}

/** Ends every process that carries one of the markers; a process may have left its group and lost its parent. */
export function endMarked(markers: ReadonlySet<string>): void {
  for (const id of processIds()) {
    const marker = markerOf(id);
    if (marker !== undefined && markers.has(marker)) endProcess(id);
  }
}

export function endProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    // Gone since it was listed.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/**
 * Whether the connection from `peerPort` to `serverPort` on loopback belongs to `pid` or to a process it started;
 * `undefined` where the system does not tell.
 */
export function ownsConnection(pid: number, peerPort: number, serverPort: number): boolean | undefined {
  const table = read('/proc/net/tcp');
  if (table === undefined) return undefined;
  const socket = socketOf(table, peerPort, serverPort);
  // Without a file left the process is ending, and nobody can take its events any more.
  if (socket === undefined || list(`/proc/${pid}/fd`).length === 0) return undefined;
  return holds(pid, socket) || descendantsOf(pid).some((id) => holds(id, socket));
}

/** `socket:[<inode>]` of the client's end. */
function socketOf(table: string, peerPort: number, serverPort: number): string | undefined {
  const [local, remote] = [peerPort, serverPort].map((port) => `:${port.toString(16).toUpperCase().padStart(4, '0')}`);
  for (const line of table.split('\n')) {
    const fields = line.trim().split(/\s+/);
    if (local && remote && fields[1]?.endsWith(local) && fields[2]?.endsWith(remote)) return `socket:[${fields[9]}]`;
  }
  return undefined;
}

function holds(pid: number, socket: string): boolean {
  return list(`/proc/${pid}/fd`).some((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`) === socket;
    } catch {
      return false; // closed since it was listed
    }
  });
}

function processIds(): number[] {
  return list('/proc').map(Number).filter(Number.isSafeInteger);
}

/** The most memory a process ever had, in kilobytes; 0 where the system does not tell. */
export function peakMemoryKb(pid: number): number {
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/status`) ?? '')?.[1] ?? 0);
}

/** The second field is the program's name in parentheses, which may hold anything. */
function parentOf(pid: number): number | undefined {
  const stat = read(`/proc/${pid}/stat`);
  const parent = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[1];
  return parent === undefined ? undefined : Number(parent);
}

function markerOf(pid: number): string | undefined {
  const entry = read(`/proc/${pid}/environ`)
    ?.split('\0')
    .find((variable) => variable.startsWith(`${MARKER}=`));
  return entry?.slice(MARKER.length + 1);
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return undefined; // not Linux, gone, or somebody else's
  }
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
