/**
 * `Fn::Cidr`: splits a block of addresses into smaller ones.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-cidr.html
 */

import { isIP, isIPv4 } from 'node:net';
import { AssemblyError, excerpt } from '../local-error';

const COUNT_MAX = 256;

/**
 * The first `count` blocks of 2^`bits` addresses in `block`.
 * @throws AssemblyError
 */
export function cidrBlocks(block: string, count: number, bits: number): string[] {
  const [, address = '', prefix = ''] = /^([^/]+)\/(\d{1,3})$/.exec(block) ?? [];
  const width = isIPv4(address) ? 32 : 128;
  if (isIP(address) === 0 || Number(prefix) > width) {
    throw new AssemblyError(`Fn::Cidr needs a block such as 10.0.0.0/16, got ${excerpt(block)}`);
  }
  if (!(Number.isInteger(count) && count >= 1 && count <= COUNT_MAX)) {
    throw new AssemblyError(`Fn::Cidr gives from 1 to ${COUNT_MAX} blocks, got ${excerpt(count)}`);
  }
  const free = width - Number(prefix) - bits;
  if (!(Number.isInteger(bits) && bits >= 1) || free < 0 || BigInt(count) > 1n << BigInt(free)) {
    throw new AssemblyError(`Fn::Cidr finds no ${count} blocks with ${bits} bits in ${block}`);
  }
  const size = 1n << BigInt(bits);
  const first = (numberOf(address) >> BigInt(width - Number(prefix))) << BigInt(width - Number(prefix));
  return Array.from({ length: count }, (_, i) => `${addressOf(first + BigInt(i) * size, width)}/${width - bits}`);
}

function numberOf(address: string): bigint {
  if (isIPv4(address)) return address.split('.').reduce((sum, part) => (sum << 8n) + BigInt(part), 0n);
  // The URL writes the last 32 bits as two groups where they stand as an IPv4 address.
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const before = head.split(':').filter(Boolean);
  const after = (tail ?? '').split(':').filter(Boolean);
  const zeros = Array<string>(8 - before.length - after.length).fill('0');
  return [...before, ...zeros, ...after].reduce((sum, group) => (sum << 16n) + BigInt(`0x${group}`), 0n);
}

function addressOf(number: bigint, width: number): string {
  const groups = (size: number) =>
    Array.from({ length: width / size }, (_, i) => BigInt.asUintN(size, number >> BigInt(width - size * (i + 1))));
  if (width === 32) return groups(8).join('.');
  return new URL(
    `http://[${groups(16)
      .map((group) => group.toString(16))
      .join(':')}]`,
  ).hostname.slice(1, -1);
}
