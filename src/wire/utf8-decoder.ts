/** Decodes UTF-8 that arrives in pieces cut anywhere, also inside a character. */
import { WireError } from './wire-error';

/** What to do with bytes that are not UTF-8: raise an error, or put U+FFFD in their place. */
export type InvalidUtf8 = 'fatal' | 'replace';

/** An incremental UTF-8 decoder that removes a byte order mark once. */
export class Utf8Decoder {
  private readonly decoder: InstanceType<typeof TextDecoder>;
  private byteOffset = 0;

  /** @default 'fatal' */
  public constructor(invalid: InvalidUtf8 = 'fatal') {
    this.decoder = new TextDecoder('utf-8', { fatal: invalid === 'fatal' });
  }

  /**
   * The characters that are complete; empty where `bytes` only begins one.
   * @throws WireError `utf8-invalid`
   */
  public push(bytes: Uint8Array): string {
    const text = this.decode(bytes, true);
    this.byteOffset += bytes.length;
    return text;
  }

  /** What is left at the end: nothing, or U+FFFD for a character cut in half where replacing is wanted. */
  public flush(): string {
    return this.decode(new Uint8Array(0), false);
  }

  private decode(bytes: Uint8Array, stream: boolean): string {
    try {
      return this.decoder.decode(bytes, { stream });
    } catch (cause) {
      const what = stream ? 'holds bytes that are not UTF-8' : 'ends inside a UTF-8 character';
      throw new WireError('utf8-invalid', `the stream ${what}; use format 'bytes' for binary data`, {
        byteOffset: this.byteOffset,
        cause,
      });
    }
  }
}
