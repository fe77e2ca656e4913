/** Says what happens: calm lines for people, one JSON object for scripts. */
export interface Narrator {
  /** A finished step with the facts about it. */
  step(name: string, text: string, facts: Readonly<Record<string, unknown>>): void;
  /** A line that replaces itself while something is under way. */
  progress(text: string): void;
  /** Ends the story. */
  done(): void;
}

const LABEL_WIDTH = 12;

export function humanNarrator(out: NodeJS.WriteStream): Narrator {
  const label = (name: string) => `  ${name.padEnd(LABEL_WIDTH)}`;
  const clear = () => {
    if (out.isTTY) out.write('\r\u001b[2K');
  };
  let lastProgress = 0;
  return {
    step(name, text) {
      clear();
      out.write(`${label(name)}${text.split('\n').join(`\n${label('')}`)}\n`);
    },
    progress(text) {
      // Without a terminal a line cannot replace itself, so it is printed only now and then.
      const now = Date.now();
      if (now - lastProgress < (out.isTTY ? 50 : 500)) return;
      lastProgress = now;
      if (out.isTTY) {
        clear();
        out.write(label('') + text);
      } else {
        out.write(`${label('')}${text}\n`);
      }
    },
    done: () => clear(),
  };
}

export function jsonNarrator(out: NodeJS.WriteStream): Narrator {
  const story: Record<string, unknown> = {};
  return {
    step(name, _text, facts) {
      story[name] = facts;
    },
    progress: () => undefined,
    done: () => {
      out.write(`${JSON.stringify(story, null, 2)}\n`);
    },
  };
}
