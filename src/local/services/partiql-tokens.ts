/** The words and signs of a statement in PartiQL: what stands in a text or in a quoted name is none. */
import { invalid } from './dynamodb-input';

export interface Token {
  readonly kind: 'name' | 'number' | 'sign' | 'text' | 'word';
  /** Without its quotes. */
  readonly value: string;
}

/** Each place matches one alternative only, so that the time grows with the length. */
const TOKEN =
  /\s+|'((?:[^']|'')*)'|"([^"]*)"|([A-Za-z_]\w*)|(\d[\d.]*(?:[Ee][+-]?\d+)?|\.\d+(?:[Ee][+-]?\d+)?)|(--|\/\*|<=|>=|<>|!=|[^\s'"`])/y;
/** DynamoDB takes 38 digits. */
const NUMBER_MAX_LENGTH = 200;

/** @throws a ServiceException for comments, for Ion literals, for a quote that does not end and for a second statement */
export function tokensOf(statement: string): readonly Token[] {
  const tokens: Token[] = [];
  const refuse = (what: string) =>
    invalid(`the local target takes no ${what} in a statement, got '${statement.slice(0, 200)}'`);
  TOKEN.lastIndex = 0;
  let depth = 0;
  for (let at = 0; at < statement.length; at = TOKEN.lastIndex) {
    const [, text, name, word, number, sign] = TOKEN.exec(statement) ?? refuseAt(statement, at, refuse);
    if (text !== undefined) tokens.push({ kind: 'text', value: text.replaceAll("''", "'") });
    else if (name !== undefined) tokens.push({ kind: 'name', value: name });
    else if (word !== undefined) tokens.push({ kind: 'word', value: word });
    else if (number !== undefined) tokens.push({ kind: 'number', value: number });
    else if (sign !== undefined) tokens.push({ kind: 'sign', value: sign });
    if (sign === '--' || sign === '/*') throw refuse('comments');
    if (number !== undefined && number.length > NUMBER_MAX_LENGTH) throw refuse('number of so many digits');
    if (sign !== undefined && '([{'.includes(sign)) depth += 1;
    if (sign !== undefined && ')]}'.includes(sign)) depth -= 1;
    if (depth < 0) throw refuse('bracket that closes nothing');
  }
  if (depth > 0) throw refuse('bracket that is not closed');
  if (tokens.at(-1)?.value === ';' && tokens.at(-1)?.kind === 'sign') tokens.pop();
  if (tokens.some((token) => isSign(token, ';'))) throw refuse('second statement');
  return tokens;
}

function refuseAt(statement: string, at: number, refuse: (what: string) => Error): never {
  throw refuse(statement[at] === '`' ? 'backticks' : 'quote without an end');
}

export function isSign(token: Token | undefined, ...signs: readonly string[]): boolean {
  return token?.kind === 'sign' && signs.includes(token.value);
}

/** Whether a token is one of these words of the language, given in lower case. */
export function isWord(token: Token | undefined, ...words: readonly string[]): boolean {
  return token?.kind === 'word' && words.includes(token.value.toLowerCase());
}
