/**
 * Stand-in for the native client of AWS's Node.js runtime interface client, loaded by it as `./rapid-client.node`:
 * `next`, `done` and `error` over the Runtime API (https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html).
 * Runs inside the child process of an execution environment and imports Node.js built-ins only.
 */
import { writeSync } from 'node:fs';
import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import { Socket } from 'node:net';
import { descendantsOf, endProcess } from './process-tree';
import { openResponseUrls } from './response-url';
import { BOUNDARY_FRAME, FRAME_HEADER_BYTES, LIFELINE_FD, TELEMETRY_FD } from './telemetry-protocol';

interface Invocation {
  readonly bodyJson: string;
  readonly headers: IncomingHttpHeaders;
}

const [host, port] = (process.env.AWS_LAMBDA_RUNTIME_API ?? '').split(':');
const agent = new Agent({ keepAlive: true });
const base = '/2018-06-01/runtime';

function send(method: string, path: string, headers: Record<string, string>, body?: string): Promise<Invocation> {
  return new Promise((resolve, reject) => {
    const options = { host, port, method, path: `${base}${path}`, agent, headers };
    const outgoing = request(options, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('error', reject);
      response.on('end', () => resolve({ bodyJson: Buffer.concat(parts).toString('utf8'), headers: response.headers }));
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** Tells the target that everything logged so far belongs to the invocation that ends here. */
function markBoundary(): void {
  const message = Buffer.from(JSON.stringify({ maxRssKb: process.resourceUsage().maxRSS }));
  const frame = Buffer.alloc(FRAME_HEADER_BYTES + message.length);
  frame.writeUInt32BE(BOUNDARY_FRAME, 0);
  frame.writeUInt32BE(message.length, 4);
  message.copy(frame, FRAME_HEADER_BYTES);
  writeSync(TELEMETRY_FD, frame);
}

// The runtime calls `done` and `error` without waiting; `next` must not overtake them on another connection.
let reported: Promise<unknown> = Promise.resolve();

function report(path: string, headers: Record<string, string>, body: string): void {
  const contentLength = String(Buffer.byteLength(body));
  reported = reported.then(() =>
    send('POST', path, { 'Content-Type': 'application/json', 'Content-Length': contentLength, ...headers }, body),
  );
  // The same rejection reaches the runtime through the next `next()`.
  reported.catch(() => undefined);
}

/** Waits for the next event. */
export async function next(): Promise<Invocation> {
  await reported;
  markBoundary();
  const invocation = await send('GET', '/invocation/next', {});
  await openResponseUrls(invocation.bodyJson);
  return invocation;
}

/** Reports the result of a buffered handler. */
export function done(id: string, body: string): void {
  report(`/invocation/${id}/response`, {}, body);
}

/** Reports that a buffered handler failed. */
export function error(id: string, body: string, xrayCause: string): void {
  const cause: Record<string, string> = isHeaderValue(xrayCause)
    ? { 'Lambda-Runtime-Function-XRay-Error-Cause': xrayCause }
    : {};
  report(`/invocation/${id}/error`, { 'Lambda-Runtime-Function-Error-Type': 'Unhandled', ...cause }, body);
}

function isHeaderValue(value: string): boolean {
  return value.length < 8_192 && /^[\t\x20-\x7e]*$/.test(value);
}

/** The target holds the other end open; its death, however sudden, ends this process and all it started. */
function watchLifeline(): void {
  const lifeline = new Socket({ fd: LIFELINE_FD, readable: true, writable: false });
  lifeline.on('error', endProcessGroup);
  lifeline.on('close', endProcessGroup);
  lifeline.resume();
  lifeline.unref();
}

/** To be called before the process ends: nobody finds the children of one that is gone. */
function endDescendants(): void {
  for (const id of descendantsOf(process.pid)) endProcess(id);
}

function endProcessGroup(): void {
  try {
    endDescendants();
    process.kill(-process.pid, 'SIGKILL');
  } finally {
    process.kill(process.pid, 'SIGKILL');
  }
}

watchLifeline();
process.on('exit', endDescendants);
