/** Reads whatever kind of body the SDK's HTTP handler gave. */
import type { Readable } from 'node:stream';
import type { ByteSource } from '../../stream/body/byte-source';
import { WebBody, type WebBodyStream } from '../../stream/body/web-body';
import { NodeBody } from './node-body';

/** The SDK's Node.js handlers give a `Readable`, its fetch handler a web stream; undefined for what is neither. */
export function toByteSource(body: unknown, highWaterMark: number): ByteSource | undefined {
  const { getReader, pipe } = (body ?? {}) as { getReader?: unknown; pipe?: unknown };
  if (typeof getReader === 'function') return new WebBody(body as WebBodyStream);
  return typeof pipe === 'function' ? new NodeBody(body as Readable, highWaterMark) : undefined;
}
