/** Reads configuration files written as JSON, with comments and trailing commas where people leave them. */
import * as fs from 'node:fs';
import { field } from '../failures';
import { isFile } from './probe';

/** The object in a file, or nothing when there is no file or esbuild would not understand it either. */
export function readJson(file: string): Record<string, unknown> | undefined {
  if (!isFile(file)) return undefined;
  return parseJson(fs.readFileSync(file, 'utf8').replace(/^\uFEFF/, ''));
}

/** The object a text describes, if it does. */
export function parseJson(text: string): Record<string, unknown> | undefined {
  try {
    return record(JSON.parse(text));
  } catch {
    return parseRelaxed(text);
  }
}

/** The value as an object, empty when it is none. */
export function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

function parseRelaxed(text: string): Record<string, unknown> | undefined {
  try {
    return record(JSON.parse(withoutComments(text)));
  } catch (error) {
    if (field(error, 'name') === 'SyntaxError') return undefined;
    throw error;
  }
}

/** Strings are matched first, so that what looks like a comment inside one stays. */
function withoutComments(text: string): string {
  return text
    .replace(/("(?:\\.|[^"\\])*")|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, (_all, kept: string | undefined) => kept ?? '')
    .replace(/("(?:\\.|[^"\\])*")|,(?=\s*[}\]])/g, (_all, kept: string | undefined) => kept ?? '');
}
