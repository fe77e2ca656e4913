/** Whether a response is the contract's stream or something else that happened to answer, such as an error page. */
import type { StreamContract } from '../../contract/stream-contract';
import { DEFAULT_CONTENT_TYPE, FORMAT_CONTENT_TYPES } from '../../wire/content-types';
import { mediaType } from '../errors/refusal';

/** Other names in use for the same thing. */
const ALSO: Readonly<Record<string, readonly string[]>> = {
  'application/x-ndjson': [
    'application/ndjson',
    'application/jsonl',
    'application/x-jsonlines',
    'application/jsonlines',
  ],
};

/** The media types in which a stream of `contract` comes; undefined where any may be. */
export function expectedTypes(contract: StreamContract, more: readonly string[]): readonly string[] | undefined {
  if (contract.format === 'bytes') return undefined;
  const declared = Object.entries(contract.http?.headers ?? {}).find(([name]) => name.toLowerCase() === 'content-type');
  const own = mediaType(declared?.[1]) ?? mediaType(FORMAT_CONTENT_TYPES[contract.format]) ?? '';
  return [own, ...(ALSO[own] ?? []), ...more.map((type) => mediaType(type) ?? '')];
}

/** A function that sets no type leaves the runtime's default, which says nothing; neither does a missing one. */
export function isExpectedType(type: string | undefined, expected: readonly string[] | undefined): boolean {
  return expected === undefined || type === undefined || type === DEFAULT_CONTENT_TYPE || expected.includes(type);
}
