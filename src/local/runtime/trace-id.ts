/** Trace ids as X-Ray writes them (https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader). */
import { randomBytes } from 'node:crypto';

/** A new trace that is not sampled. */
export function newTraceId(): string {
  const seconds = Math.floor(Date.now() / 1_000).toString(16);
  const [root, parent] = [randomBytes(12), randomBytes(8)].map((bytes) => bytes.toString('hex'));
  return `Root=1-${seconds}-${root};Parent=${parent};Sampled=0`;
}
