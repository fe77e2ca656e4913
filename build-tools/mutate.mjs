// Mutation testing of the floors that decide: changes one thing in a source file, runs the tests beside it, and expects red.
// What those let pass is shown to the other tests of the floor, one file after another; in src/stream also to those of
// its doors (test/invoker, test/fetcher).
// Each of these tests has to pass with nothing changed first; the time it takes then limits the time it may take later.
//   npm run test:mutation                                  a sample of every floor below
//   npm run test:mutation -- src/wire/ndjson.ts --all      every mutant of a file or folder
//   npm run test:mutation -- src/local/iam --sample 40 --seed 7
// Works on a copy in the temporary folder. Prints each survivor as file:line, and fails below 90 %.
import { execFileSync, fork } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import ts from 'typescript';

const FLOORS = ['src/base', 'src/wire', 'src/contract', 'src/stream', 'src/local/iam'];
const AIM = 0.9;
const BASELINE_MS = 600_000;

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    all: { type: 'boolean' },
    sample: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
  },
});

const SWAPPED = new Map([
  [ts.SyntaxKind.EqualsEqualsEqualsToken, '!=='],
  [ts.SyntaxKind.ExclamationEqualsEqualsToken, '==='],
  [ts.SyntaxKind.LessThanToken, '<='],
  [ts.SyntaxKind.LessThanEqualsToken, '<'],
  [ts.SyntaxKind.GreaterThanToken, '>='],
  [ts.SyntaxKind.GreaterThanEqualsToken, '>'],
  [ts.SyntaxKind.AmpersandAmpersandToken, '||'],
  [ts.SyntaxKind.BarBarToken, '&&'],
  [ts.SyntaxKind.QuestionQuestionToken, '&&'],
  [ts.SyntaxKind.PlusToken, '-'],
  [ts.SyntaxKind.MinusToken, '+'],
]);

/** Every change that is worth a test, as { start, end, text }. Strings are left alone: most are words for people. */
function mutants(file) {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.ES2022, true);
  const found = [];
  const put = (node, text) => found.push({ file, start: node.getStart(), end: node.getEnd(), text });
  const visit = (node) => {
    if (ts.isTypeNode(node) || ts.isImportDeclaration(node) || ts.isInterfaceDeclaration(node)) return;
    if (ts.isBinaryExpression(node)) {
      const text = SWAPPED.get(node.operatorToken.kind);
      // Joining strings by a minus is an error of the compiler, not of a test.
      if (text && !(text === '-' && /['"`]/.test(node.getText()))) put(node.operatorToken, text);
    } else if (node.kind === ts.SyntaxKind.TrueKeyword) put(node, 'false');
    else if (node.kind === ts.SyntaxKind.FalseKeyword) put(node, 'true');
    else if (ts.isNumericLiteral(node)) put(node, String(Number(node.text.replaceAll('_', '')) + 1));
    else if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.ExclamationToken)
      put(node, node.operand.getText());
    else if (ts.isIfStatement(node)) put(node.expression, 'false');
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function sources(place) {
  if (statSync(place).isFile()) return [place];
  const inside = readdirSync(place, { recursive: true, encoding: 'utf8' });
  return inside
    .filter((name) => name.endsWith('.ts') && basename(name) !== 'index.ts')
    .map((name) => join(place, name));
}

/** The tests that have to notice: the file's own, else those of its folder or of the one above. */
function testsOf(file) {
  const twin = join('test', relative('src', file)).replace(/\.ts$/, '.test.ts');
  if (existsSync(join(root, twin))) return [twin];
  const near = [dirname(twin), dirname(dirname(twin))].find((folder) => existsSync(join(root, folder)));
  return [near ?? 'test'];
}

/** What a file's own tests let pass, those of its floor have to notice, or of the doors through which it is used. */
const DOORS = { 'src/stream': ['test/invoker', 'test/fetcher'] };
/** Test files that noticed mutants of a source file; they are asked first. */
const noticedBy = new Map();

function testsOfFloor(file, own) {
  const floor = FLOORS.find((place) => file.startsWith(`${place}/`));
  const folders = floor ? [floor.replace('src', 'test'), ...(DOORS[floor] ?? [])] : [];
  const tests = folders
    .flatMap((folder) => readdirSync(join(root, folder), { recursive: true }).map((name) => join(folder, name)))
    .filter((name) => name.endsWith('.test.ts') && !own.some((place) => name.startsWith(place)));
  const rank = (test) => (noticedBy.get(`${file} ${test}`) ?? 0) * 1e9 - statSync(join(root, test)).size;
  return tests.sort((a, b) => rank(b) - rank(a));
}

/** The same numbers for the same seed, so that a run can be repeated. */
function* random(seed) {
  for (let state = seed; ; ) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield state / 2 ** 32;
  }
}

const places = positionals.length > 0 ? positionals : FLOORS;
const all = places.flatMap((place) => sources(join(root, place))).flatMap(mutants);
const numbers = random(Number(values.seed));
const chosen = values.all
  ? all
  : all
      .map((mutant) => [numbers.next().value, mutant])
      .sort(([a], [b]) => a - b)
      .slice(0, Number(values.sample) * places.length)
      .map(([, mutant]) => mutant);

const copy = mkdtempSync(join(tmpdir(), 'mutation-'));
process.once('exit', () => rmSync(copy, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130));
for (const name of execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], {
  cwd: root,
  encoding: 'utf8',
}).split('\0')) {
  if (name !== '' && existsSync(join(root, name))) cpSync(join(root, name), join(copy, name));
}
symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
if (existsSync(join(root, 'assets'))) cpSync(join(root, 'assets'), join(copy, 'assets'), { recursive: true });

/** Jest in a process that stays for the next mutants: loading it costs four times a run. */
class JestProcess {
  #child;
  #runs = 0;
  #settle = () => undefined;

  /** Whether `tests` pass; undefined where the process ended over them. */
  async pass(tests, limitMs) {
    // Jest keeps a little of each run.
    if (this.#runs++ % 100 === 99) this.end();
    this.#child ??= this.#start();
    const answer = new Promise((resolve) => {
      this.#settle = resolve;
    });
    // A mutant that loops for ever is noticed, too.
    const timer = setTimeout(() => {
      this.#settle(false);
      this.end();
    }, limitMs);
    this.#child.send(tests);
    return answer.finally(() => clearTimeout(timer));
  }

  end() {
    this.#child?.removeAllListeners('exit').removeAllListeners('message').kill('SIGKILL');
    this.#child = undefined;
  }

  #start() {
    const stdio = ['ignore', 'ignore', 'ignore', 'ipc'];
    const child = fork(join(root, 'build-tools', 'mutate-jest.mjs'), { cwd: copy, stdio });
    const ended = () => {
      this.#child = undefined;
      this.#settle(undefined);
    };
    // A process that is just ending cannot be sent anything; its end is what tells.
    return child
      .on('message', (passed) => this.#settle(passed))
      .on('exit', ended)
      .on('error', () => undefined);
  }
}

const jest = new JestProcess();
process.once('exit', () => jest.end());

/** Whether `tests` pass. What the mutant before left behind may end the process, so that counts only when it happens twice. */
async function pass(tests, limitMs) {
  return (await jest.pass(tests, limitMs)) ?? (await jest.pass(tests, limitMs)) ?? false;
}

/** How long each list of tests may take with a mutant, by its names. */
const limits = new Map();

/** What fails with nothing changed notices nothing. To be called while nothing is changed. */
async function expectGreen(tests) {
  if (limits.has(String(tests))) return;
  const began = Date.now();
  if (!(await pass(tests, BASELINE_MS)) && !(await pass(tests, BASELINE_MS))) {
    throw new Error(`the tests fail before anything is changed: npx jest ${tests.join(' ')}`);
  }
  limits.set(String(tests), 10_000 + 5 * (Date.now() - began));
}

async function survivesAll({ file, start, end, text }) {
  const name = relative(root, file);
  const original = readFileSync(file, 'utf8');
  const mutant = original.slice(0, start) + text + original.slice(end);
  const own = testsOf(name);
  for (const tests of [own, ...testsOfFloor(name, own).map((test) => [test])]) {
    await expectGreen(tests);
    writeFileSync(join(copy, name), mutant);
    const limit = limits.get(String(tests));
    // Others wait for real servers, so on a busy machine one may fail by itself: it has to fail twice.
    const survived = (await pass(tests, limit)) || (tests !== own && (await pass(tests, limit)));
    writeFileSync(join(copy, name), original);
    if (survived) continue;
    const key = `${name} ${tests}`;
    noticedBy.set(key, (noticedBy.get(key) ?? 0) + 1);
    return false;
  }
  const line = original.slice(0, start).split('\n').length;
  console.log(`survived: ${name}:${line} ${original.slice(start, end)} → ${text}`);
  return true;
}

let killed = 0;
for (const mutant of chosen) if (!(await survivesAll(mutant))) killed += 1;
jest.end();
const score = chosen.length === 0 ? 1 : killed / chosen.length;
console.log(
  `${killed} of ${chosen.length} mutants killed (${(score * 100).toFixed(1)} %), of ${all.length} that there are`,
);
process.exitCode = score >= AIM ? 0 : 1;
