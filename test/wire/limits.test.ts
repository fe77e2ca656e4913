import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import * as limits from '../../src/wire/limits';

const src = join(__dirname, '../../src');
const source = readFileSync(join(src, 'wire/limits.ts'), 'utf8');

const KIB = 1024;
const MIB = 1024 * KIB;
const MINUTE = 60;

/** Numbers that can hardly stand for anything but their quota: large, and no power of two or ten. */
const TELLING = Object.entries(limits).filter(
  ([, value]) => value > 2000 && ![Math.log2(value), Math.log10(value)].some(Number.isInteger),
);

test('every quota says its unit, and its source or that it is our choice', () => {
  const documented = source.split('/**').slice(2);
  const undocumented = documented.filter(
    (comment) => !/@see https:\/\/docs\.aws\.amazon\.com\/|Our choice/.test(comment),
  );
  expect(undocumented).toEqual([]);
  expect(documented.filter((comment) => !/byte|character|second|MiB|resources|parameters/i.test(comment))).toEqual([]);
  expect(Object.keys(limits)).toHaveLength([...source.matchAll(/^export const /gm)].length);
});

test('every quota is the number at its source', () => {
  expect(limits).toEqual({
    FUNCTION_NAME_MAX_LENGTH: 64,
    FUNCTION_NAME_PARAMETER_MAX_LENGTH: 256,
    QUALIFIER_MAX_LENGTH: 128,
    CLIENT_CONTEXT_MAX_BASE64_BYTES: 3_583,
    REQUEST_PAYLOAD_MAX_BYTES: 6 * MIB,
    ASYNC_REQUEST_PAYLOAD_MAX_BYTES: MIB,
    BUFFERED_RESPONSE_MAX_BYTES: 6 * MIB + 100,
    STREAMED_RESPONSE_MAX_BYTES: 200 * MIB,
    UNCAPPED_RESPONSE_BYTES: 6 * MIB,
    CAPPED_RESPONSE_BYTES_PER_SECOND: 2 * MIB,
    LOG_TAIL_MAX_BYTES: 4 * KIB,
    FUNCTION_TIMEOUT_MAX_SECONDS: 15 * MINUTE,
    FUNCTION_TIMEOUT_DEFAULT_SECONDS: 3,
    RESOURCE_POLICY_MAX_BYTES: 20 * KIB,
    FUNCTION_MEMORY_MIN_MIB: 128,
    FUNCTION_MEMORY_MAX_MIB: 10 * KIB,
    ENVIRONMENT_MAX_BYTES: 4 * KIB,
    UNPACKED_CODE_MAX_BYTES: 250 * MIB,
    API_GATEWAY_STREAM_MAX_SECONDS: 15 * MINUTE,
    API_GATEWAY_REGIONAL_IDLE_SECONDS: 5 * MINUTE,
    API_GATEWAY_EDGE_IDLE_SECONDS: 30,
    API_GATEWAY_DEFAULT_TIMEOUT_MS: 29_000,
    API_GATEWAY_PAYLOAD_MAX_BYTES: 10 * MIB,
    HTTP_PRELUDE_MAX_BYTES: 16 * KIB,
    CLOUDFRONT_READ_TIMEOUT_MAX_SECONDS: 2 * MINUTE,
    FRAME_MAX_BYTES: 24 * MIB,
    LINE_MAX_BYTES: 8 * MIB,
    TEMPLATE_RESOURCES_MAX: 500,
    TEMPLATE_PARAMETERS_MAX: 200,
    TEMPLATE_BODY_MAX_BYTES: 50 * KIB,
    TEMPLATE_OBJECT_MAX_BYTES: 1_000_000,
  });
});

test('no other file repeats the number of a quota', () => {
  const files = readdirSync(src, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && entry.name !== 'limits.ts')
    .map((entry) => join(entry.parentPath, entry.name));
  const repeated = files.flatMap((file) => {
    // Comments may quote a number; code may not.
    const code = readFileSync(file, 'utf8')
      .replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '')
      .replace(/(\d)_(?=\d)/g, '$1');
    return TELLING.filter(([, value]) => new RegExp(`\\b${value}\\b`).test(code)).map(
      ([name]) => `${relative(src, file)} repeats ${name}`,
    );
  });
  expect(files.length).toBeGreaterThan(20);
  expect(repeated).toEqual([]);
});
