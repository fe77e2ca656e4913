/**
 * Reads YAML as CloudFormation templates use it: blocks, flow collections, every kind of scalar, and the short forms of
 * intrinsic functions. Anchors, aliases and other tags are refused.
 * https://yaml.org/spec/1.1/, https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-formats.html
 */

import { FlowReader, fold, INCOMPLETE, scalar, trim, trimEnd, trimStart } from './yaml-flow';

/** Says where the text cannot be read. */
class YamlError extends Error {
  public override readonly name = 'YamlError';
}

/** @throws YamlError that names the line */
export function parseYaml(text: string): unknown {
  return new Reader(text).document();
}

const BLANK = /^[ \t]*(#.*)?$/;
/** Those of intrinsic functions, and of what a value is anyway. */
const TAG = /^([A-Z]\w*|!(str|map|seq)|)$/;
const BLOCK_SCALAR = /^([|>])([+-]?)([1-9]?)([+-]?)\s*(#.*)?$/;
/** A plain key may hold colons, as `Fn::Sub` does: only a colon before white space or the end ends it. */
const KEY =
  /^("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^ \t#&*!|>'"%@`[\]{},?:-](?:[^:#]|:(?=[^ \t])|(?<=[^ \t])#)*?|[?:-](?=[^ \t])(?:[^:#]|:(?=[^ \t])|(?<=[^ \t])#)*?)[ \t]*:(?:[ \t]+|$)/;

class Reader {
  private readonly lines: string[];
  private row = 0;

  public constructor(text: string) {
    this.lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
  }

  public document(): unknown {
    this.skipBlank();
    while (/^%/.test(this.line)) this.row += 1;
    this.skipBlank();
    if (/^---(\s|$)/.test(this.line)) this.lines[this.row] = this.line.replace(/^---/, '   ');
    const value = this.block(-1);
    this.skipBlank();
    if (/^\.\.\.(\s|$)/.test(this.line)) return value;
    if (this.row < this.lines.length) this.fail('there is more than one value, or the indentation is wrong');
    return value;
  }

  private get line(): string {
    return this.lines[this.row] ?? '';
  }

  private get indent(): number {
    return this.line.length - trimStart(this.line).length;
  }

  private fail(problem: string): never {
    throw new YamlError(`line ${this.row + 1}: ${problem}`);
  }

  private skipBlank(): void {
    while (this.row < this.lines.length && BLANK.test(this.line)) this.row += 1;
    if (/^ *\t/.test(this.line)) this.fail('a tab cannot indent');
  }

  /** The value on the following lines, which are indented by more than `parent`; null where there is none. */
  private block(parent: number, mayBeSequence = false): unknown {
    this.skipBlank();
    const { indent } = this;
    const isItem = /^-([ \t]|$)/.test(trimStart(this.line));
    const isInside = indent > parent || (mayBeSequence && isItem && indent === parent);
    if (this.row >= this.lines.length || !isInside || /^(\.\.\.|---)(\s|$)/.test(this.line)) return null;
    if (isItem) return this.sequence(indent);
    return KEY.test(trimStart(this.line)) ? this.mapping(indent) : this.value(trimStart(this.line), parent);
  }

  private sequence(indent: number): unknown[] {
    const items: unknown[] = [];
    for (this.skipBlank(); this.indent === indent && /^-([ \t]|$)/.test(trimStart(this.line)); this.skipBlank()) {
      // What follows the hyphen stands where it would stand on a line of its own.
      const rest = this.line.slice(indent + 1);
      this.lines[this.row] = `${' '.repeat(indent + 1)}${rest}`;
      items.push(BLANK.test(rest) ? this.nextBlock(indent) : this.block(indent));
    }
    this.requireEnd(indent);
    return items;
  }

  private mapping(indent: number): Record<string, unknown> {
    const members: Record<string, unknown> = {};
    for (this.skipBlank(); this.row < this.lines.length && this.indent === indent; this.skipBlank()) {
      const text = trimStart(this.line);
      if (/^(\.\.\.|---)(\s|$)/.test(this.line)) break;
      const [whole = '', written = ''] = KEY.exec(text) ?? [];
      if (whole === '') this.fail(`expected 'key: value', got '${text.slice(0, 40)}'`);
      const key = /^["']/.test(written) ? this.quotedText(written) : written;
      if (Object.hasOwn(members, key)) this.fail(`the key '${key}' stands here for the second time`);
      const rest = text.slice(whole.length);
      const value = BLANK.test(rest) ? this.nextBlock(indent, true) : this.value(rest, indent);
      Object.defineProperty(members, key, { value, enumerable: true, configurable: true, writable: true });
    }
    this.requireEnd(indent);
    return members;
  }

  private nextBlock(parent: number, mayBeSequence = false): unknown {
    this.row += 1;
    return this.block(parent, mayBeSequence);
  }

  private requireEnd(indent: number): void {
    if (this.row < this.lines.length && this.indent > indent) this.fail('the indentation is wrong');
  }

  /** The value that begins with `text` on this line and may go on below, indented by more than `parent`. */
  private value(text: string, parent: number): unknown {
    const [, tag] = /^!(\S*)/.exec(text) ?? [];
    if (tag !== undefined) {
      if (!TAG.test(tag)) this.fail(`the tag !${tag} is not known`);
      const rest = trimStart(text.slice(tag.length + 1));
      return this.short(tag, BLANK.test(rest) ? this.nextBlock(parent, true) : this.value(rest, parent));
    }
    if (/^[&*]/.test(text)) this.fail('anchors and aliases are not read here');
    if (/^[|>]/.test(text)) return this.blockScalar(text, parent);
    if (/^["'[{]/.test(text)) return this.flowValue(text, parent);
    const lines = [plainPart(text)];
    this.row += 1;
    // A comment ends a plain scalar.
    if (lines[0] === trimEnd(text)) lines.push(...this.continuation(parent));
    return scalar(fold(lines));
  }

  private continuation(parent: number): string[] {
    const lines: string[] = [];
    let blank = 0;
    for (; this.row < this.lines.length; this.row += 1) {
      if (trim(this.line) === '') {
        blank += 1;
        continue;
      }
      if (this.indent <= parent || /^\s*#/.test(this.line) || KEY.test(trimStart(this.line))) break;
      lines.push(...Array.from({ length: blank }, () => ''), plainPart(trim(this.line)));
      blank = 0;
    }
    this.row -= blank;
    return lines;
  }

  /** https://yaml.org/spec/1.2.2/#81-block-scalar-styles */
  private blockScalar(header: string, parent: number): string {
    const [, style, first = '', digit = '', second = ''] =
      BLOCK_SCALAR.exec(header) ?? this.fail(`'${header}' is no head of a block`);
    const chomp = first || second;
    this.row += 1;
    const start = this.row;
    let indent = digit === '' ? undefined : Math.max(parent, 0) + Number(digit);
    const raw: string[] = [];
    for (; this.row < this.lines.length; this.row += 1) {
      if (trim(this.line) !== '') {
        // The first line with text says how far the block is indented.
        indent ??= this.indent;
        if (indent <= parent || this.indent < indent) break;
      }
      raw.push(this.line);
    }
    const lines = raw.map((line) => line.slice(indent ?? line.length));
    let end = lines.length;
    while (end > 0 && lines[end - 1] === '') end -= 1;
    const content = lines.slice(0, end);
    const body = style === '|' ? content.join('\n') : foldBlock(content);
    if (this.row === start || end === 0) return chomp === '+' ? '\n'.repeat(lines.length) : '';
    if (chomp === '-') return body;
    return chomp === '+' ? `${body}\n${'\n'.repeat(lines.length - end)}` : `${body}\n`;
  }

  /** A quoted scalar or a flow collection, which may go on over several lines. */
  private flowValue(text: string, parent: number): unknown {
    let whole = text;
    const start = this.row;
    for (;;) {
      const flow = new FlowReader(
        whole,
        (tag, value) => this.short(tag, value),
        (problem) => this.fail(problem),
      );
      const value = flow.tryRead();
      if (value !== INCOMPLETE) {
        this.row += 1;
        if (!BLANK.test(flow.rest)) this.fail(`'${flow.rest.trim().slice(0, 40)}' follows a value`);
        return value;
      }
      this.row += 1;
      if (this.row >= this.lines.length || (trim(this.line) !== '' && this.indent <= parent)) {
        this.row = start;
        this.fail('a quotation mark or bracket is not closed');
      }
      whole += `\n${this.line}`;
    }
  }

  private quotedText(written: string): string {
    const value = new FlowReader(
      written,
      (_, inner) => inner,
      (problem) => this.fail(problem),
    ).tryRead();
    return String(value);
  }

  /** `!Ref X` is `{ Ref: X }`, `!Sub x` is `{ 'Fn::Sub': x }`. */
  private short(tag: string, value: unknown): unknown {
    if (!TAG.test(tag)) this.fail(`the tag !${tag} is not known`);
    if (tag === '' || tag.startsWith('!')) return value;
    if (tag === 'Ref' || tag === 'Condition') return { [tag]: value };
    if (tag === 'GetAtt' && typeof value === 'string') {
      const dot = value.indexOf('.');
      return { 'Fn::GetAtt': dot < 0 ? value : [value.slice(0, dot), value.slice(dot + 1)] };
    }
    return { [`Fn::${tag}`]: value };
  }
}

/** Without the comment behind it. */
function plainPart(text: string): string {
  return trimEnd(text.replace(/[ \t]+#.*$/, ''));
}

/** Lines of a `>` block: those that are indented further keep their breaks. */
function foldBlock(lines: readonly string[]): string {
  let text = '';
  let breaks = 0;
  let wasMore = false;
  let isFirst = true;
  for (const line of lines) {
    if (line === '') {
      breaks += 1;
      continue;
    }
    const isMore = /^[ \t]/.test(line);
    if (isFirst) text += '\n'.repeat(breaks);
    else if (isMore || wasMore) text += '\n'.repeat(breaks + 1);
    else text += breaks === 0 ? ' ' : '\n'.repeat(breaks);
    text += line;
    breaks = 0;
    wasMore = isMore;
    isFirst = false;
  }
  return text;
}
