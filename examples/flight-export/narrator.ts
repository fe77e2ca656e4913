/** Says what happens: calm lines for people, one JSON object for scripts. */
export interface Narrator {
  /** What begins now and takes a while. The step that follows replaces it. */
  begin(name: string, text: string): void;
  /** A finished step with the facts about it. */
  step(name: string, text: string, facts: Readonly<Record<string, unknown>>): void;
  /** Like `step`, for what was checked and came out as expected: also a refusal may be what is expected. */
  check(name: string, text: string, facts: Readonly<Record<string, unknown>>): void;
  /** A line that replaces itself while something is under way. */
  progress(text: string): void;
  /** Ends the story, `whole` when nothing cut it short. */
  done(whole: boolean): void;
}

const MARK_WIDTH = 2;
const LABEL_WIDTH = 12;
const INDENT = 2 + MARK_WIDTH + LABEL_WIDTH;

export function humanNarrator(out: NodeJS.WriteStream): Narrator {
  const columns = Math.max(40, out.columns ?? 80);
  let lastProgress = 0;
  let checks = 0;
  const clear = () => {
    if (out.isTTY) out.write('\r\u001b[2K');
  };
  const print = (mark: string, name: string, text: string) => {
    clear();
    const lines = text.split('\n').flatMap((line) => wrap(line, columns - INDENT));
    out.write(`  ${mark.padEnd(MARK_WIDTH)}${name.padEnd(LABEL_WIDTH)}${lines.join(`\n${' '.repeat(INDENT)}`)}\n`);
  };
  const replaceable = (text: string) => {
    clear();
    out.write(text.slice(0, columns - 1));
  };
  return {
    begin(name, text) {
      if (out.isTTY) replaceable(`  ${'…'.padEnd(MARK_WIDTH)}${name.padEnd(LABEL_WIDTH)}${text}`);
      else print('…', name, text);
    },
    step: (name, text) => print('', name, text),
    check(name, text) {
      checks += 1;
      print('✓', name, text);
    },
    progress(text) {
      // Without a terminal a line cannot replace itself, so it is printed only now and then.
      const now = Date.now();
      if (now - lastProgress < (out.isTTY ? 50 : 500)) return;
      lastProgress = now;
      if (out.isTTY) replaceable(' '.repeat(INDENT) + text);
      else print('', '', text);
    },
    done(whole) {
      clear();
      if (whole) out.write(`\n  All ${checks} checks as expected.\n\n`);
    },
  };
}

/** Breaks a line at its blanks; a word that is wider than a line is cut. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
    while (line.length > width) {
      lines.push(line.slice(0, width));
      line = line.slice(width);
    }
  }
  return [...lines, line];
}

export function jsonNarrator(out: NodeJS.WriteStream): Narrator {
  const story: Record<string, unknown> = {};
  const record = (name: string, _text: string, facts: Readonly<Record<string, unknown>>) => {
    story[name] = facts;
  };
  return {
    begin: () => undefined,
    step: record,
    check: record,
    progress: () => undefined,
    done: () => {
      out.write(`${JSON.stringify(story, null, 2)}\n`);
    },
  };
}
