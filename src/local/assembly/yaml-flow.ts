/**
 * The part of YAML that does not depend on indentation: flow collections and scalars.
 * https://yaml.org/spec/1.1/#id902561
 */

/** The text ends before the value does. */
export const INCOMPLETE = Symbol('incomplete');

/** Reads one flow value from a text; what follows it is the rest. */
export class FlowReader {
  private at = 0;

  public constructor(
    private readonly text: string,
    private readonly short: (tag: string, value: unknown) => unknown,
    private readonly fail: (problem: string) => never,
  ) {}

  public get rest(): string {
    return this.text.slice(this.at);
  }

  /** The value, or {@link INCOMPLETE} where the text ends before it does. */
  public tryRead(): unknown {
    try {
      return this.read();
    } catch (error) {
      if (error === INCOMPLETE) return INCOMPLETE;
      throw error;
    }
  }

  private read(): unknown {
    this.space();
    const [, tag] = /^!([\w!]*)/.exec(this.rest) ?? [];
    if (tag !== undefined) {
      this.at += tag.length + 1;
      return this.short(tag, this.read());
    }
    switch (this.text[this.at]) {
      case '[':
        return this.list();
      case '{':
        return this.object();
      case '"':
        return this.double();
      case "'":
        return this.single();
      case '&':
      case '*':
        return this.fail('anchors and aliases are not read here');
      default:
        return scalar(this.plain());
    }
  }

  private space(): void {
    const [white = ''] = /^(?:[ \t\n]+(?:#[^\n]*)?)*/.exec(this.rest) ?? [];
    this.at += white.length;
    if (this.at >= this.text.length) throw INCOMPLETE;
  }

  private list(): unknown[] {
    const items: unknown[] = [];
    this.at += 1;
    for (this.space(); this.text[this.at] !== ']'; this.space()) {
      items.push(this.read());
      this.comma(']');
    }
    this.at += 1;
    return items;
  }

  private object(): Record<string, unknown> {
    const members: [string, unknown][] = [];
    this.at += 1;
    for (this.space(); this.text[this.at] !== '}'; this.space()) {
      const quote = this.text[this.at];
      const key = quote === '"' ? this.double() : quote === "'" ? this.single() : this.plain();
      this.space();
      let value: unknown = null;
      if (this.text[this.at] === ':') {
        this.at += 1;
        this.space();
        if (!/[,}]/.test(this.text[this.at] ?? '')) value = this.read();
      }
      members.push([key, value]);
      this.comma('}');
    }
    this.at += 1;
    return Object.fromEntries(members);
  }

  private comma(end: string): void {
    this.space();
    if (this.text[this.at] === ',') this.at += 1;
    else if (this.text[this.at] !== end) this.fail(`expected ',' or '${end}', got '${this.rest.slice(0, 20)}'`);
  }

  private plain(): string {
    const [text = ''] = /^(?:[^,[\]{}:#\n]|:(?![\s,[\]{}]|$)|(?<=\S)#)+/.exec(this.rest) ?? [];
    if (trim(text) === '') this.fail(`expected a value, got '${this.rest.slice(0, 20)}'`);
    this.at += text.length;
    return trim(text);
  }

  private single(): string {
    const [whole] = /^'((?:[^']|'')*)'(?!')/.exec(this.rest) ?? [];
    if (whole === undefined) throw INCOMPLETE;
    this.at += whole.length;
    return foldQuoted(whole.slice(1, -1)).replaceAll("''", "'");
  }

  private double(): string {
    const [whole] = /^"((?:[^"\\]|\\[\s\S])*)"/.exec(this.rest) ?? [];
    if (whole === undefined) throw INCOMPLETE;
    this.at += whole.length;
    // Escapes are no white space: they are put in when the lines have been joined.
    const escapes: string[] = [];
    const marked = whole.slice(1, -1).replace(ESCAPE, (_, code: string) => {
      escapes.push(this.escape(code));
      return MARK;
    });
    return foldQuoted(marked).replaceAll(MARK, () => escapes.shift() ?? '');
  }

  private escape(code: string): string {
    // An escaped line break joins the lines without a space.
    if (code.startsWith('\n')) return '';
    if (code.length > 1) return String.fromCodePoint(Number.parseInt(code.slice(1), 16));
    return ESCAPES[code] ?? this.fail(`'\\${code}' is no escape`);
  }
}

/** No text in YAML can hold it as it is. */
const MARK = '\u0001';
const ESCAPE = /\\(x[0-9a-f]{2}|u[0-9a-f]{4}|U[0-9a-f]{8}|\n[ \t]*|[\s\S])/gi;
const ESCAPES: Readonly<Record<string, string>> = {
  '0': '\0',
  a: '\x07',
  b: '\b',
  t: '\t',
  '\t': '\t',
  n: '\n',
  v: '\v',
  f: '\f',
  r: '\r',
  e: '\x1b',
  ' ': ' ',
  '"': '"',
  '/': '/',
  '\\': '\\',
  N: '\x85',
  _: '\xa0',
  L: '\u2028',
  P: '\u2029',
};

/** Only blanks and tabs are white space in YAML. */
export function trimStart(text: string): string {
  return text.replace(/^[ \t]+/, '');
}

export function trimEnd(text: string): string {
  return text.replace(/[ \t]+$/, '');
}

export function trim(text: string): string {
  return trimStart(trimEnd(text));
}

/** Lines of a plain or quoted scalar: a line break is a space, an empty line a line break. */
export function fold(lines: readonly string[]): string {
  let text = lines[0] ?? '';
  let breaks = 0;
  for (const line of lines.slice(1)) {
    if (line === '') breaks += 1;
    else {
      text += `${breaks === 0 ? ' ' : '\n'.repeat(breaks)}${line}`;
      breaks = 0;
    }
  }
  return breaks === 0 ? text : `${text}${'\n'.repeat(breaks)}`;
}

function foldQuoted(text: string): string {
  if (!text.includes('\n')) return text;
  const lines = text.split('\n').map((line, i, all) => {
    const start = i === 0 ? line : line.replace(/^[ \t]+/, '');
    return i === all.length - 1 ? start : start.replace(/[ \t]+$/, '');
  });
  // A last line that is empty stands before the quotation mark: its break is a space.
  if (lines.at(-1) !== '') return fold(lines);
  const last = lines.map((line) => line !== '').lastIndexOf(true);
  const breaks = lines.length - 1 - last;
  return `${fold(lines.slice(0, lines.length - breaks))}${breaks > 1 ? '\n'.repeat(breaks - 1) : ' '}`;
}

/** What a scalar without quotation marks is. Dates stay texts, as CloudFormation takes them. */
export function scalar(text: string): unknown {
  if (/^(~|null)?$/i.test(text)) return null;
  if (/^(true|yes|on)$/i.test(text)) return true;
  if (/^(false|no|off)$/i.test(text)) return false;
  if (/^[-+]?(0|[1-9]\d{0,14})$/.test(text)) return Number(text);
  return /^[-+]?(\d+\.\d*|\.\d+|\d+(\.\d*)?e[-+]?\d+)$/i.test(text) ? Number(text) : text;
}
