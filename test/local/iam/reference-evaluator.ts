/**
 * A second evaluator, written from AWS's documentation alone and built differently: it spells out sets and follows the
 * flow chart account by account. Slow on purpose, and only right for the bounded inputs of the tests.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
import type { EvaluationRequest } from '../../../src/local/iam/evaluate';
import type { PolicyDocument, PolicyStatement } from '../../../src/local/state';

export type Verdict = 'allowed' | 'explicit-deny' | 'implicit-deny';

type Context = Readonly<Record<string, string | readonly string[] | undefined>>;

/** A text cut into what it says and what it stands for. */
type Token = { readonly text: string } | { readonly variable: string; readonly fallback: string | undefined };

/** One character of a pattern: itself, or a wildcard. */
interface Glyph {
  readonly character: string;
  readonly wild: boolean;
}

export function referenceVerdict(request: EvaluationRequest): Verdict {
  const world = new World(request);
  const boundary = list(request.permissionsBoundary);
  const session = list(request.sessionPolicy);
  const levels = world.account === undefined ? [] : (request.serviceControlPolicies ?? []);
  const identity = request.identityPolicies.map(({ document }) => document);
  const everything = [...identity, ...boundary, ...session, ...levels];
  const resource = request.resourcePolicy;
  const named = resource ? world.applying(resource).filter((statement) => world.isPrincipalOf(statement)) : [];

  if (everything.some((document) => world.says('Deny', document))) return 'explicit-deny';
  if (named.some(({ Effect }) => Effect === 'Deny')) return 'explicit-deny';

  const granted = named.filter(({ Effect }) => Effect === 'Allow');
  if (world.account === undefined) return granted.length > 0 ? 'allowed' : 'implicit-deny';
  if (!levels.every((document) => world.says('Allow', document))) return 'implicit-deny';

  const byUser = granted.some((statement) => world.isForUser(statement)) && ownerOf(request) === world.account;
  const within = [byUser ? [] : boundary, session].every((limit) =>
    limit.every((document) => world.says('Allow', document)),
  );
  const byIdentity = identity.some((document) => world.says('Allow', document));
  const owner = ownerOf(request);
  if (owner !== world.account) return byIdentity && within && granted.length > 0 ? 'allowed' : 'implicit-deny';

  // The same account: some permissions are the session's own, others the role's, and some only delegate.
  if (granted.some((statement) => world.isUnlimited(statement))) return 'allowed';
  const byResource = granted.some((statement) => !world.onlyDelegates(statement));
  return (byIdentity || byResource) && within ? 'allowed' : 'implicit-deny';
}

/** Whose the resource is. */
function ownerOf({ resource }: EvaluationRequest): string | undefined {
  return resource.split(':')[4];
}

class World {
  public readonly account: string | undefined;
  private readonly context: Record<string, string | readonly string[]>;

  public constructor(private readonly request: EvaluationRequest) {
    const { principal } = request;
    this.account = 'account' in principal ? principal.account : undefined;
    this.context = {};
    for (const [key, value] of Object.entries((request.context ?? {}) as Context)) {
      if (value !== undefined && value.length + Number(typeof value === 'string') > 0) {
        this.context[key.toLowerCase()] = value;
      }
    }
  }

  public says(effect: 'Allow' | 'Deny', document: PolicyDocument): boolean {
    return this.applying(document).some((statement) => statement.Effect === effect);
  }

  /** The statements of a document that cover action, resource and condition. */
  public applying(document: PolicyDocument): PolicyStatement[] {
    const modern = document.Version === '2012-10-17';
    return list(document.Statement).filter((statement) => {
      if (statement.Effect === 'Allow' && modern && this.isVoid(statement)) return false;
      return this.coversAction(statement) && this.coversResource(statement, modern) && this.holds(statement, modern);
    });
  }

  public isPrincipalOf(statement: PolicyStatement): boolean {
    if (statement.NotPrincipal === undefined) return this.names(statement.Principal).size > 0;
    if (statement.Effect === 'Deny' && this.request.permissionsBoundary && this.account !== undefined) return true;
    const spared = this.names(statement.NotPrincipal);
    if (this.account === undefined || spared.has('everybody') || this.request.principal.kind === 'administrator') {
      // An administrator that is no root is one by name in an account that names it, too.
      const isUser = this.account !== undefined && !this.isRoot() && !spared.has('everybody');
      return isUser ? !(spared.has('administrator') && spared.has('account')) : spared.size === 0;
    }
    return !(spared.has('account') && (spared.has('role') || spared.has('user')));
  }

  private isRoot(): boolean {
    const { principal } = this.request;
    return principal.kind === 'administrator' && principal.arn.endsWith(':root');
  }

  public isUnlimited(statement: PolicyStatement): boolean {
    if (statement.NotPrincipal !== undefined) return false;
    const names = this.names(statement.Principal);
    const positive = ['StringEquals', 'StringEqualsIgnoreCase', 'StringLike', 'ArnEquals', 'ArnLike'];
    const byArn = Object.entries(statement.Condition ?? {}).some(([operator, keys]) => {
      const base = operator.split(':').at(-1)?.replace('IfExists', '') ?? '';
      return positive.includes(base) && Object.keys(keys).some((key) => /^aws:PrincipalArn$/i.test(key));
    });
    return names.has('session') || (names.has('everybody') && byArn);
  }

  /** A user by name is not held by its boundary. */
  public isForUser(statement: PolicyStatement): boolean {
    return statement.NotPrincipal === undefined && this.names(statement.Principal).has('user');
  }

  public onlyDelegates(statement: PolicyStatement): boolean {
    if (statement.NotPrincipal !== undefined) return false;
    const names = this.names(statement.Principal);
    return names.size === 1 && names.has('account');
  }

  private names(element: unknown): Set<string> {
    const found = new Set<string>();
    const { principal } = this.request;
    const add = (type: string, name: string) => {
      if (type === 'AWS' && name === '*') found.add('everybody');
      if (type === 'Service' && principal.kind === 'service' && principal.service === name) found.add('service');
      if (type !== 'AWS' || this.account === undefined) return;
      if (name === this.account || name === `arn:aws:iam::${this.account}:root`) found.add('account');
      if (principal.kind === 'assumed-role' && name === principal.arn) found.add('session');
      if (principal.kind === 'assumed-role' && name === principal.roleArn) found.add('role');
      if (principal.kind === 'administrator' && name === principal.arn) found.add('administrator');
      if (principal.kind === 'user' && name === principal.arn) found.add('user');
    };
    if (element === '*') add('AWS', '*');
    else {
      for (const [type, names] of Object.entries(element as Record<string, string | string[]>)) {
        for (const name of list(names)) add(type, name);
      }
    }
    return found;
  }

  private coversAction({ Action, NotAction }: PolicyStatement): boolean {
    const among = (patterns: string | readonly string[]) =>
      list(patterns).some((pattern) => like(glyphs(pattern.toLowerCase()), this.request.action.toLowerCase()));
    return Action === undefined ? !among(NotAction ?? []) : among(Action);
  }

  private coversResource({ Resource, NotResource }: PolicyStatement, modern: boolean): boolean {
    const among = (patterns: string | readonly string[]) =>
      list(patterns).some((pattern) => {
        const [head, tail] = splitArn(pattern);
        const rest = modern ? this.fill(tail) : glyphs(tail);
        return rest !== undefined && likeArn([...glyphs(head), ...rest], head.length, this.request.resource);
      });
    if (Resource === undefined && NotResource === undefined) return true;
    return Resource === undefined ? !among(NotResource ?? []) : among(Resource);
  }

  private holds({ Condition = {} }: PolicyStatement, modern: boolean): boolean {
    const results = Object.entries(Condition).flatMap(([operator, keys]) =>
      Object.entries(keys).map(([key, values]) => this.test(operator, key, list(values).map(String), modern)),
    );
    return !results.includes(false);
  }

  private test(operator: string, key: string, wanted: readonly string[], modern: boolean): boolean {
    const value = this.context[key.toLowerCase()];
    const there = value !== undefined;
    const set = /^(ForAllValues|ForAnyValue):/.exec(operator)?.[1];
    const name = operator.replace(/^For\w+:/, '').replace(/IfExists$/, '');
    if (name === 'Null') return wanted.some((flag) => flag.toLowerCase() === String(!there));
    if (!there && operator.endsWith('IfExists')) return true;
    const wantsNone = name.includes('Not');
    const seen = there ? [value].flat() : [];
    const isEmpty = seen.length === 0 || seen.join('') === '';
    /** By value of the request: whether any value of the policy matches it. */
    const matched = seen.map((one) =>
      wanted.some((pattern) => this.compare(name.replace('Not', ''), pattern, one, modern)),
    );
    if (set === 'ForAllValues') return isEmpty || matched.every((match) => match !== wantsNone);
    if (set === 'ForAnyValue') return !isEmpty && matched.some((match) => match !== wantsNone);
    return matched.includes(true) !== wantsNone;
  }

  private compare(name: string, pattern: string, value: string, modern: boolean): boolean {
    if (/^(String|Arn)/.test(name)) {
      const filled = modern ? this.fill(pattern) : glyphs(pattern);
      if (!filled) return false;
      const plain = filled.map(({ character }) => character).join('');
      if (name === 'StringEquals') return plain === value;
      if (name === 'StringEqualsIgnoreCase') return plain.toLowerCase() === value.toLowerCase();
      return name === 'StringLike' ? like(filled, value) : likeComponents(filled, value);
    }
    if (name === 'Bool') return pattern.toLowerCase() === value.toLowerCase();
    if (name === 'BinaryEquals') return pattern === value;
    if (name === 'IpAddress') return inRange(pattern, value);
    const time = (text: string) => (/^\d{5,}$/.test(text) ? Number(text) * 1_000 : new Date(text).getTime());
    const [left, right] = name.startsWith('Date') ? [time(value), time(pattern)] : [Number(value), Number(pattern)];
    const order = Math.sign(left - right);
    const orders: Record<string, number[]> = {
      Equals: [0],
      LessThan: [-1],
      LessThanEquals: [-1, 0],
      GreaterThan: [1],
      GreaterThanEquals: [0, 1],
    };
    return (orders[name.replace(/^(Date|Numeric)/, '')] ?? []).some((one) => one === order);
  }

  /** A statement that allows is void when it has a variable nobody can fill, in any place where there are variables. */
  private isVoid({ Resource, NotResource, Condition = {} }: PolicyStatement): boolean {
    const tails = [Resource, NotResource].flatMap((element) => list(element)).map((pattern) => splitArn(pattern)[1]);
    const misplaced = list(NotResource).some((pattern) => splitArn(pattern)[0].includes('${'));
    const values = Object.entries(Condition)
      .filter(([operator]) => /(String|Arn)/.test(operator))
      .flatMap(([operator, keys]) =>
        Object.entries(keys)
          .filter(([key]) => !(operator.endsWith('IfExists') && this.context[key.toLowerCase()] === undefined))
          .flatMap(([, value]) => list(value).map(String)),
      );
    return misplaced || [...tails, ...values].some((text) => this.fill(text) === undefined);
  }

  /** A text with its variables filled in; undefined when one has no value. */
  private fill(text: string): Glyph[] | undefined {
    const filled = tokens(text).map((token): Glyph[] | undefined => {
      if ('text' in token) return glyphs(token.text);
      const value = this.context[token.variable.toLowerCase()];
      const single = typeof value === 'string' ? value : token.fallback;
      return single === undefined ? undefined : [...single].map((character) => ({ character, wild: false }));
    });
    return filled.some((part) => part === undefined) ? undefined : filled.flatMap((part) => part ?? []);
  }
}

function list<T>(value: T | readonly T[] | undefined): T[] {
  return value === undefined ? [] : ([value].flat() as T[]);
}

function tokens(text: string): Token[] {
  const end = text.indexOf('}');
  const start = text.slice(0, Math.max(end, 0)).indexOf('${');
  if (start < 0) return [{ text }];
  const inner = text.slice(start + 2, end);
  const [variable = '', fallback] = inner.split(/, ?/);
  const token: Token = ['*', '?', '$'].includes(inner)
    ? { variable: 'no such key', fallback: inner }
    : { variable: variable.trim(), fallback: fallback?.replace(/^'|'$/g, '') };
  return [{ text: text.slice(0, start) }, token, ...tokens(text.slice(end + 1))];
}

function glyphs(text: string): Glyph[] {
  return [...text].map((character) => ({ character, wild: character === '*' || character === '?' }));
}

/** What stands before and behind the fifth colon, those within `${…}` aside. */
function splitArn(pattern: string): [string, string] {
  let depth = 0;
  let colons = 0;
  for (let i = 0; i < pattern.length; i++) {
    if (pattern.startsWith('${', i) && pattern.indexOf('}', i) > 0) depth = 1;
    if (pattern[i] === '}') depth = 0;
    if (pattern[i] === ':' && depth === 0) colons += 1;
    if (colons === 5) return [pattern.slice(0, i + 1), pattern.slice(i + 1)];
  }
  return [pattern, ''];
}

function like(pattern: readonly Glyph[], value: string): boolean {
  return likeFrom(pattern, 0, value, 0, 0);
}

/** The first `head` glyphs are the segments before the fifth colon. */
function likeArn(pattern: readonly Glyph[], head: number, value: string): boolean {
  return likeFrom(pattern, 0, value, 0, head);
}

/** Whether the pattern from `p` on takes the value from `v` on: a star tries every length. */
function likeFrom(pattern: readonly Glyph[], p: number, value: string, v: number, head: number): boolean {
  const glyph = pattern[p];
  if (!glyph) return v === value.length;
  const stays = p < head;
  if (glyph.wild && glyph.character === '*') {
    const next = pattern[p + 1];
    const free = !stays || !next || (next.character === ':' && !next.wild);
    const colon = value.indexOf(':', v);
    const end = free || colon < 0 ? value.length : colon;
    for (let taken = v; taken <= end; taken++) if (likeFrom(pattern, p + 1, value, taken, head)) return true;
    return false;
  }
  if (v === value.length) return false;
  const takes = glyph.wild ? !(stays && value[v] === ':') : glyph.character === value[v];
  return takes && likeFrom(pattern, p + 1, value, v + 1, head);
}

function likeComponents(pattern: readonly Glyph[], value: string): boolean {
  const text = pattern.map(({ character }) => character).join('');
  if (text === '*' && pattern[0]?.wild) return true;
  const components: Glyph[][] = [[]];
  for (const glyph of pattern) {
    if (glyph.character === ':' && components.length < 6) components.push([]);
    else components.at(-1)?.push(glyph);
  }
  const parts = value.split(':');
  const values = [...parts.slice(0, 5), ...(parts.length > 5 ? [parts.slice(5).join(':')] : [])];
  return components.length === values.length && components.every((one, i) => like(one, values[i] ?? ''));
}

/** Compares addresses bit by bit. */
function inRange(range: string, address: string): boolean {
  const [network = '', length] = range.split('/');
  const [left, right] = [bits(network), bits(address)];
  if (left.length !== right.length) return false;
  const prefix = length === undefined ? left.length : Number(length);
  return left.slice(0, prefix) === right.slice(0, prefix);
}

function bits(address: string): string {
  const binary = (number: number, width: number) => number.toString(2).padStart(width, '0');
  if (address.includes('.'))
    return address
      .split('.')
      .map((byte) => binary(Number(byte), 8))
      .join('');
  const [head = '', tail = ''] = address.split('::');
  const groups = (text: string) => text.split(':').filter((group) => group !== '');
  const zeros = Array.from({ length: 8 - groups(head).length - groups(tail).length }, () => '0');
  return [...groups(head), ...(address.includes('::') ? zeros : []), ...groups(tail)]
    .map((group) => binary(Number.parseInt(group, 16), 16))
    .join('');
}
