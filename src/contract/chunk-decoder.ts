/** From the bytes of a stream to its items: chunks, markers and what is wrong, however the bytes are cut. */
import { NdjsonDecoder } from '../wire/ndjson';
import { SseDecoder, type SseEvent } from '../wire/sse';
import { controlOfEvent, controlOfValue, type StreamControl, type StreamFailure } from '../wire/stream-control';
import { type InvalidUtf8, Utf8Decoder } from '../wire/utf8-decoder';
import { isWireError, WireError } from '../wire/wire-error';
import { ContractError, isContractError } from './contract-error';
import type { StreamContract } from './stream-contract';

/** What the bytes of a stream say. Values are parsed, but no schema was asked: see `validate`. */
export type StreamItem =
  /** A chunk and its number in the stream, counted from 0. */
  | { readonly kind: 'chunk'; readonly value: unknown; readonly index: number }
  /** The end marker: the stream is whole. */
  | { readonly kind: 'end'; readonly final: unknown; readonly chunks: number }
  /** The handler's own error. Nothing follows. */
  | { readonly kind: 'error'; readonly failure: StreamFailure }
  /** The stream breaks its format or its contract here. Nothing follows. */
  | { readonly kind: 'failure'; readonly error: WireError | ContractError };

export interface ChunkDecoderOptions {
  /** What to do with bytes of `text` that are not UTF-8. @default 'fatal' */
  readonly invalidUtf8?: InvalidUtf8;
}

/** An incremental decoder. It never throws for what it reads: the last item says what is wrong. */
export interface ChunkDecoder {
  /** Number of chunks decoded so far. */
  readonly chunks: number;
  /** Whether the stream may end here: its end marker was seen, or the contract has none. */
  readonly complete: boolean;
  /** The items that `bytes` ends. After an `error` or `failure` always none. */
  push(bytes: Uint8Array): StreamItem[];
  /** The items that the end of the stream ends; to be called once, when the body has arrived completely. */
  flush(): StreamItem[];
}

/** A decoder for streams of `contract`. */
export function createChunkDecoder(contract: StreamContract, options: ChunkDecoderOptions = {}): ChunkDecoder {
  switch (contract.format) {
    case 'bytes':
      return new BytesDecoder();
    case 'text':
      return new TextDecoding(options.invalidUtf8);
    case 'ndjson':
      return new MarkedDecoder(contract, new NdjsonDecoder(contract.maxLineBytes), controlOfValue);
    case 'sse':
      return new MarkedDecoder(contract, new SseDecoder(contract.maxLineBytes), controlOfEvent, {
        toChunk: eventValue(contract),
        isTerminator: ({ data, event }) => data === contract.terminator && event === undefined,
      });
  }
}

class BytesDecoder implements ChunkDecoder {
  public chunks = 0;
  public readonly complete = true;

  public push(bytes: Uint8Array): StreamItem[] {
    return bytes.length === 0 ? [] : [{ kind: 'chunk', value: bytes, index: this.chunks++ }];
  }

  public flush(): StreamItem[] {
    return [];
  }
}

class TextDecoding implements ChunkDecoder {
  public chunks = 0;
  public readonly complete = true;
  private readonly text: Utf8Decoder;
  private failed = false;

  public constructor(invalid: InvalidUtf8 | undefined) {
    this.text = new Utf8Decoder(invalid);
  }

  public push(bytes: Uint8Array): StreamItem[] {
    return this.items(() => this.text.push(bytes));
  }

  public flush(): StreamItem[] {
    return this.items(() => this.text.flush());
  }

  private items(decode: () => string): StreamItem[] {
    if (this.failed) return [];
    try {
      const value = decode();
      return value === '' ? [] : [{ kind: 'chunk', value, index: this.chunks++ }];
    } catch (error) {
      this.failed = true;
      return [{ kind: 'failure', error: asDecodeError(error) }];
    }
  }
}

interface ValueDecoder<Value> {
  readonly line: number;
  /** Grows with what is neither a value nor a comment. */
  readonly otherFields?: number;
  byteOffset(): number;
  push(bytes: Uint8Array, sink: (value: Value) => void): void;
  flush(sink: (value: Value) => void): void;
}

/** How a format's values are read that are not markers. */
interface ValueReading<Value> {
  toChunk?(value: Value, place: ValueDecoder<Value>): unknown;
  isTerminator?(value: Value): boolean;
}

/** NDJSON and SSE: values among which markers may be. */
class MarkedDecoder<Value> implements ChunkDecoder {
  public chunks = 0;
  private readonly marked: boolean;
  private ended = false;
  /** Of the decoder, when the end marker was seen. */
  private otherFields: number | undefined;
  /** Whether the terminator was seen: only a marker may follow it. */
  private isTerminated = false;
  private done = false;
  private items: StreamItem[] = [];

  public constructor(
    private readonly contract: StreamContract,
    private readonly decoder: ValueDecoder<Value>,
    private readonly controlOf: (value: Value) => StreamControl | undefined,
    private readonly reading: ValueReading<Value> = {},
  ) {
    this.marked = contract.completion === 'marker';
  }

  public get complete(): boolean {
    return !this.marked || this.ended;
  }

  public push(bytes: Uint8Array): StreamItem[] {
    return this.collect(() => this.decoder.push(bytes, this.take));
  }

  public flush(): StreamItem[] {
    // A marked stream that ends without its marker was cut off: half a line is then no finding of its own, and a line
    // without its newline no chunk, because `12` may be the beginning of `123`.
    if (!this.marked) return this.collect(() => this.decoder.flush(this.take));
    const items = this.collect(() => {
      this.decoder.flush(this.takeMarker);
      if (this.ended && this.decoder.otherFields !== this.otherFields) throw this.goesOn('its end marker');
    });
    return this.ended ? items : items.filter(({ kind }) => kind === 'error');
  }

  private collect(decode: () => void): StreamItem[] {
    if (this.done) return [];
    try {
      decode();
    } catch (error) {
      if (!(error instanceof Stop)) this.items.push({ kind: 'failure', error: asDecodeError(error) });
      this.done = true;
    }
    const { items } = this;
    this.items = [];
    return items;
  }

  private readonly takeMarker = (value: Value): void => {
    if (this.ended || this.controlOf(value) !== undefined) this.take(value);
  };

  private readonly take = (value: Value): void => {
    const control = this.marked ? this.controlOf(value) : undefined;
    if (this.ended || (this.isTerminated && control === undefined)) {
      const last = this.ended ? 'its end marker' : `the terminator '${this.contract.terminator}'`;
      throw this.goesOn(last);
    }
    if (control !== undefined) this.takeControl(control);
    else if (this.reading.isTerminator?.(value)) this.isTerminated = true;
    else this.takeChunk(value);
  };

  private goesOn(after: string): ContractError {
    return new ContractError('data-after-end', `the stream goes on after ${after}, at line ${this.decoder.line}`);
  }

  private takeChunk(value: Value): void {
    const { toChunk } = this.reading;
    const chunk = toChunk ? toChunk(value, this.decoder) : value;
    this.items.push({ kind: 'chunk', value: chunk, index: this.chunks++ });
  }

  private takeControl(control: StreamControl): void {
    if (control.kind === 'start') this.checkVersion(control.body.version);
    if (control.kind === 'end') this.takeEnd(control.body.final, control.body.chunks ?? this.chunks);
    if (control.kind !== 'error') return;
    this.items.push({ kind: 'error', failure: control.body });
    throw new Stop();
  }

  private takeEnd(final: unknown, chunks: number): void {
    if (chunks !== this.chunks) {
      const message = `the end marker counts ${chunks} chunks, but ${this.chunks} arrived`;
      throw new ContractError('chunk-count-wrong', message);
    }
    this.ended = true;
    this.otherFields = this.decoder.otherFields;
    this.items.push({ kind: 'end', final, chunks });
  }

  private checkVersion(version: string | undefined): void {
    const expected = this.contract.version;
    if (version === undefined || expected === undefined || version === expected) return;
    const message = `the handler speaks version '${version}' of the contract, this reader '${expected}'`;
    throw new ContractError('version-mismatch', message);
  }
}

/** Thrown through the wire decoder to leave its loop after the last item. */
class Stop {}

function eventValue(contract: StreamContract) {
  if (contract.chunk === undefined) return undefined;
  return (event: SseEvent, place: ValueDecoder<SseEvent>): unknown => {
    try {
      return JSON.parse(event.data);
    } catch (cause) {
      const where = { line: place.line, byteOffset: place.byteOffset(), excerpt: event.data, cause };
      throw new WireError('json-invalid', `the data of the event that ends at line ${place.line} is not JSON`, where);
    }
  };
}

function asDecodeError(error: unknown): WireError | ContractError {
  if (isWireError(error)) return error;
  if (isContractError(error)) return error;
  throw error;
}
