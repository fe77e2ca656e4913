/** SHA-256 and HMAC by WebCrypto, which browsers, workers, Deno and Node.js have in common. */

/** The part of `globalThis.crypto.subtle` that is used here. */
interface SubtleDigests {
  digest(algorithm: 'SHA-256', data: Uint8Array): Promise<ArrayBuffer>;
  importKey(
    format: 'raw',
    key: Uint8Array,
    algorithm: { readonly name: 'HMAC'; readonly hash: 'SHA-256' },
    extractable: false,
    usages: ['sign'],
  ): Promise<object>;
  sign(algorithm: 'HMAC', key: object, data: Uint8Array): Promise<ArrayBuffer>;
}

/** Whether this page may hash: browsers give WebCrypto to pages from https and from localhost only. */
export function canDigest(): boolean {
  return subtleCrypto() !== undefined;
}

/** SHA-256 of `data` in lower-case hexadecimal. */
export async function sha256Hex(data: Uint8Array): Promise<string> {
  return toHex(new Uint8Array(await required().digest('SHA-256', data)));
}

/** HMAC-SHA-256 of the UTF-8 of `text`. */
export async function hmacSha256(key: Uint8Array, text: string): Promise<Uint8Array> {
  const subtle = required();
  const algorithm = { name: 'HMAC', hash: 'SHA-256' } as const;
  const imported = await subtle.importKey('raw', key, algorithm, false, ['sign']);
  return new Uint8Array(await subtle.sign('HMAC', imported, new TextEncoder().encode(text)));
}

export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function required(): SubtleDigests {
  const subtle = subtleCrypto();
  if (subtle === undefined) {
    throw new Error('WebCrypto is missing: browsers give it to pages from https:// and http://localhost only');
  }
  return subtle;
}

function subtleCrypto(): SubtleDigests | undefined {
  return (globalThis as { crypto?: { subtle?: unknown } }).crypto?.subtle as SubtleDigests | undefined;
}
