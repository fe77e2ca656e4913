/** Bytes, and the text that carries them where only text can travel. */

/** All of `pieces` in one array. */
export function joinBytes(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let offset = 0;
  for (const piece of pieces) {
    whole.set(piece, offset);
    offset += piece.length;
  }
  return whole;
}

/** Standard base64 with padding. */
export function bytesToBase64(bytes: Uint8Array): string {
  let binary = '';
  for (let rest = bytes; rest.length > 0; rest = rest.subarray(8192)) {
    binary += String.fromCharCode(...rest.subarray(0, 8192));
  }
  return btoa(binary);
}

/** The bytes of standard base64; throws on other text. */
export function base64ToBytes(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
