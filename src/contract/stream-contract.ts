/** The typed agreement between a streaming function and its callers: what goes in, what each chunk is, and how it ends. */
import type { HttpPrelude } from '../wire/http-prelude';
import type { SseEvent } from '../wire/sse';
import type { MarkedFormat } from '../wire/stream-control';
import { STREAM_FORMATS, type StreamFormat } from '../wire/stream-format';
import { ContractError } from './contract-error';
import { httpProblem } from './http-problem';
import type { SchemaInput, SchemaOutput, StandardSchema } from './standard-schema';

/**
 * How a reader knows that a stream is whole.
 * - `marker`: by the handler's own end marker in the stream; a stream without one is truncated
 * - `platform`: by what Lambda reports, which misses most crashes; for formats that have no room for a marker and for
 *   functions that do not write one
 */
export type Completion = 'marker' | 'platform';

/** A value's type on both of its ends; they differ where a schema transforms it. */
export interface Passed<Sent = unknown, Received = unknown> {
  readonly sent: Sent;
  readonly received: Received;
}

/** The types a contract carries. The caller sends the input, the handler everything else. */
export interface ContractTypes {
  readonly format: StreamFormat;
  readonly input: Passed;
  readonly chunk: Passed;
  readonly final: Passed;
  readonly error: Passed;
}

/** A contract, as {@link streamContract} gives it: plain data, shared by handler, callers and tests. */
export interface StreamContract<Types extends ContractTypes = ContractTypes> {
  readonly format: Types['format'];
  readonly completion: Completion;
  readonly input?: StandardSchema | undefined;
  readonly chunk?: StandardSchema | undefined;
  readonly final?: StandardSchema | undefined;
  readonly error?: StandardSchema | undefined;
  readonly version?: string | undefined;
  /** Undefined means LINE_MAX_BYTES. */
  readonly maxLineBytes?: number | undefined;
  readonly http?: HttpPrelude | undefined;
  readonly terminator?: string | undefined;
  /** Types only; never there at run time. */
  readonly '~types'?: Types;
}

/** What {@link streamContract} takes. */
export interface StreamContractOptions<
  Format extends StreamFormat,
  Input extends StandardSchema,
  Chunk extends StandardSchema,
  Final extends StandardSchema,
  Failure extends StandardSchema,
> {
  readonly format: Format;
  /**
   * What a caller sends. The caller passes the schema's input type, the handler receives its output type.
   * @default - any JSON value, unchecked
   */
  readonly input?: Input | undefined;
  /**
   * What a chunk is: a line's value in `ndjson`, the JSON in an event's data in `sse`. The handler yields the schema's
   * input type, the caller receives its output type. Not for `bytes` and `text`.
   * @default - `Uint8Array`, string, any JSON value or `SseEvent`, by format
   */
  readonly chunk?: Chunk | undefined;
  /**
   * What the handler returns after its last chunk. Needs `completion: 'marker'`.
   * @default - nothing
   */
  readonly final?: Final | undefined;
  /**
   * The data of the errors the handler throws on purpose. Needs `completion: 'marker'`.
   * @default - any JSON value, unchecked
   */
  readonly error?: Failure | undefined;
  /**
   * Names this version of the contract. The handler sends it first, and a caller with another one refuses the stream.
   * Needs `completion: 'marker'`.
   * @default - not sent, not checked
   */
  readonly version?: string | undefined;
  /**
   * How a reader knows that the stream is whole.
   * @default 'marker' for `ndjson` and `sse`, 'platform' for `bytes` and `text`
   */
  readonly completion?: Completion | undefined;
  /**
   * Longest NDJSON line or SSE event a reader accepts, in bytes. Not for `bytes` and `text`.
   * @default 8 MiB
   */
  readonly maxLineBytes?: number | undefined;
  /**
   * Data of an event that follows the last chunk of a whole stream, before our own end marker: for clients of a protocol
   * that ends so, for example `[DONE]`. Readers of the contract skip it. For `sse` only.
   * @default - none
   */
  readonly terminator?: string | undefined;
  /**
   * HTTP status (200 to 599), headers and cookies (one line of Latin-1 each) sent before the first chunk; `ctx.http()` of
   * a handler replaces them.
   * @default - status 200 and the format's content type, where the function is called through an HTTP front end
   */
  readonly http?: HttpPrelude | undefined;
}

/** What a contract cannot have, by format and completion; an `undefined` here is the compiler's refusal. */
type Impossible<Format extends StreamFormat, Ends extends Completion> = Format extends MarkedFormat
  ? Ends extends 'platform'
    ? { readonly final?: undefined; readonly error?: undefined; readonly version?: undefined }
    : unknown
  : {
      readonly chunk?: undefined;
      readonly final?: undefined;
      readonly error?: undefined;
      readonly version?: undefined;
      readonly maxLineBytes?: undefined;
      readonly terminator?: undefined;
      readonly completion?: 'platform' | undefined;
    };

/** `never` stands for no schema: `undefined` would not do where a project compiles without `strictNullChecks`. */
type PassedBy<Schema extends StandardSchema, Without extends Passed> = [Schema] extends [never]
  ? Without
  : Passed<SchemaInput<Schema>, SchemaOutput<Schema>>;

/** Chunks of a format without a chunk schema. */
export interface PlainChunks {
  readonly bytes: Uint8Array;
  readonly text: string;
  readonly ndjson: unknown;
  readonly sse: SseEvent;
}

/** The types of a contract made of these schemas. */
export interface TypesOf<
  Format extends StreamFormat,
  Input extends StandardSchema,
  Chunk extends StandardSchema,
  Final extends StandardSchema,
  Failure extends StandardSchema,
> {
  readonly format: Format;
  readonly input: PassedBy<Input, Passed>;
  readonly chunk: PassedBy<Chunk, Passed<PlainChunks[Format], PlainChunks[Format]>>;
  readonly final: PassedBy<Final, Passed<void, undefined>>;
  readonly error: PassedBy<Failure, Passed>;
}

/** What a caller passes. */
export type InferInput<Contract extends StreamContract> = TypesIn<Contract>['input']['sent'];
/** What a caller receives, chunk by chunk. */
export type InferChunk<Contract extends StreamContract> = TypesIn<Contract>['chunk']['received'];
/** What a caller receives after the last chunk. */
export type InferFinal<Contract extends StreamContract> = TypesIn<Contract>['final']['received'];
/** The data of an error a caller receives. */
export type InferErrorData<Contract extends StreamContract> = TypesIn<Contract>['error']['received'];
/** What a handler receives. */
export type InferHandlerInput<Contract extends StreamContract> = TypesIn<Contract>['input']['received'];
/** What a handler yields. */
export type InferHandlerChunk<Contract extends StreamContract> = TypesIn<Contract>['chunk']['sent'];
/** What a handler returns. */
export type InferHandlerFinal<Contract extends StreamContract> = TypesIn<Contract>['final']['sent'];
/** The data of an error a handler throws. */
export type InferHandlerErrorData<Contract extends StreamContract> = TypesIn<Contract>['error']['sent'];

type TypesIn<Contract> = Contract extends StreamContract<infer Types> ? Types : never;

/**
 * Defines a contract. Handler, callers and tests import the same one.
 * @throws ContractError of code `contract-invalid` for options that do not go together
 */
export function streamContract<
  const Format extends StreamFormat,
  Input extends StandardSchema = never,
  Chunk extends StandardSchema = never,
  Final extends StandardSchema = never,
  Failure extends StandardSchema = never,
  const Ends extends Completion = 'marker',
>(
  options: StreamContractOptions<Format, Input, Chunk, Final, Failure> & {
    readonly completion?: Ends | undefined;
  } & Impossible<Format, Ends>,
): StreamContract<TypesOf<Format, Input, Chunk, Final, Failure>>;
export function streamContract(
  options: StreamContractOptions<StreamFormat, StandardSchema, StandardSchema, StandardSchema, StandardSchema>,
): StreamContract {
  const { format, completion } = options ?? {};
  const marked = format === 'ndjson' || format === 'sse';
  const contract: StreamContract = { ...options, completion: completion ?? (marked ? 'marker' : 'platform') };
  const problem = problemOf(contract, marked);
  if (problem) throw new ContractError('contract-invalid', `streamContract: ${problem}`);
  return contract;
}

interface OptionRule {
  /** Whether this format and completion have room for it. */
  readonly isPossible: boolean;
  fits(value: unknown): boolean;
  readonly allowed: string;
}

/** The compiler's checks again, for callers without one. */
function problemOf(contract: StreamContract, isMarked: boolean): string | undefined {
  const { format, completion } = contract;
  if (!STREAM_FORMATS.includes(format)) return `format must be one of ${STREAM_FORMATS.join(', ')}, got '${format}'`;
  const hasMarkers = isMarked && completion === 'marker';
  const impossible = `is not possible for format '${format}'`;
  if (!hasMarkers && completion !== 'platform') return `completion '${completion}' ${impossible}`;
  const schemaIf = (isPossible: boolean): OptionRule => ({ isPossible, fits: isSchema, allowed: SCHEMA });
  const textIf = (isPossible: boolean): OptionRule => ({ isPossible, fits: isText, allowed: 'non-empty string' });
  const rules: Readonly<Record<string, OptionRule>> = {
    input: schemaIf(true),
    chunk: schemaIf(isMarked),
    final: schemaIf(hasMarkers),
    error: schemaIf(hasMarkers),
    version: textIf(hasMarkers),
    terminator: textIf(format === 'sse'),
    maxLineBytes: { isPossible: isMarked, fits: isCount, allowed: 'whole number above 0' },
  };
  const names = ['format', 'completion', 'http', ...Object.keys(rules)];
  const unknown = Object.keys(contract).find((name) => !names.includes(name));
  if (unknown) return `there is no option '${unknown}', only ${names.join(', ')}`;
  for (const [name, { isPossible, fits, allowed }] of Object.entries(rules)) {
    const value: unknown = contract[name as keyof StreamContract];
    if (value === undefined) continue;
    if (!isPossible) return `${name} ${impossible} with completion '${completion}'`;
    if (!fits(value)) return `${name} must be a ${allowed}, got ${shown(value)}`;
  }
  return contract.http && httpProblem(contract.http);
}

const SCHEMA = 'Standard Schema (zod 3.24 or later, valibot 1.0 or later, arktype 2.0 or later)';

function shown(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`;
  return value === Object(value) ? `an ${typeof value}`.replace('an f', 'a f') : String(value);
}

const isSchema = (value: unknown): boolean =>
  typeof (value as Partial<StandardSchema> | null)?.['~standard']?.validate === 'function';
const isText = (value: unknown): boolean => typeof value === 'string' && value !== '';
const isCount = (value: unknown): boolean => Number.isInteger(value) && Number(value) > 0;
