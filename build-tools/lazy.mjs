// Makes the compiled constructs load as aws-cdk-lib does: a module when something of it is used, an export when it is asked for.
// Without this, `require('cdk-lambda-streaming')` loads API Gateway, CloudFront and EC2 into every app and every test.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const lib = join(root, 'lib');
const require = createRequire(import.meta.url);

/** `const name = require('…')`, or the same inside of `__importStar()`, which gives back what is an ES module already. */
function requireOf(statement) {
  if (!ts.isVariableStatement(statement) || statement.declarationList.declarations.length !== 1) return undefined;
  const [{ name, initializer }] = statement.declarationList.declarations;
  if (!ts.isIdentifier(name) || initializer === undefined || !ts.isCallExpression(initializer)) return undefined;
  const isStar = initializer.expression.getText() === '__importStar';
  const call = isStar ? initializer.arguments[0] : initializer;
  const isRequire = ts.isCallExpression(call) && call.expression.getText() === 'require';
  // Modules of Node.js are there already.
  if (!isRequire || call.arguments[0].text.startsWith('node:')) return undefined;
  return { name: name.text, call: call.getText(), statement };
}

/** Uses of a name, if all of them look up a member of it: `name.member`. */
function memberUses(source, { name, statement }) {
  const uses = [];
  let isPlain = true;
  const visit = (node) => {
    if (node === statement) return;
    if (ts.isIdentifier(node) && node.text === name) {
      const { parent } = node;
      if (ts.isPropertyAccessExpression(parent) && parent.expression === node) uses.push(node.getStart());
      else if (!isMemberName(parent, node)) isPlain = false;
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return isPlain ? uses : undefined;
}

/** In `object.name` and `{ name: … }` it is another thing. */
function isMemberName(parent, node) {
  return (ts.isPropertyAccessExpression(parent) || ts.isPropertyAssignment(parent)) && parent.name === node;
}

/** The same module with each `require` put off until something of it is used. Lines stay lines, for the source map. */
export function lazyModule(text) {
  const source = ts.createSourceFile('module.js', text, ts.ScriptTarget.ES2022, true);
  const edits = source.statements.map(requireOf).flatMap((found) => {
    const uses = found && memberUses(source, found);
    if (!uses) return [];
    const { name, call, statement } = found;
    // In brackets, as `new name().Member()` would make an object of the function.
    return [
      {
        start: statement.getStart(),
        end: statement.end,
        text: `let ${name}_; const ${name} = () => ${name}_ ??= ${call};`,
      },
      ...uses.map((start) => ({ start, end: start + name.length, text: `(${name}())` })),
    ];
  });
  return edits
    .sort((a, b) => b.start - a.start)
    .reduce((done, edit) => done.slice(0, edit.start) + edit.text + done.slice(edit.end), text);
}

/** A barrel whose exports load their module when they are asked for. The first line names them for Node.js's import of CommonJS. */
function lazyBarrel(exported) {
  const names = exported.flatMap(([, each]) => each);
  return [
    '"use strict";',
    'Object.defineProperty(exports, "__esModule", { value: true });',
    ...names.map((name) => `exports.${name} = void 0;`),
    'const lazy = (name, load) => Object.defineProperty(exports, name, { enumerable: true, configurable: true, get: () => {',
    '  const value = load()[name];',
    '  Object.defineProperty(exports, name, { enumerable: true, configurable: true, value });',
    '  return value;',
    '} });',
    ...exported.flatMap(([file, each]) =>
      each.map((name) => `lazy(${JSON.stringify(name)}, () => require(${JSON.stringify(file)}));`),
    ),
    '',
  ].join('\n');
}

const barrel = join(lib, 'constructs', 'index.js');
const stars = [...readFileSync(barrel, 'utf8').matchAll(/__exportStar\(require\("(\.\/[^"]+)"\), exports\)/g)].map(
  ([, file]) => file,
);
if (stars.length === 0) throw new Error(`${barrel} re-exports nothing: is it lazy already? Compile first`);
const exported = stars.map((file) => [file, Object.keys(require(join(lib, 'constructs', file)))]);
const all = exported.flatMap(([, names]) => names);

for (const name of readdirSync(join(lib, 'constructs'), { recursive: true })) {
  if (!name.endsWith('.js') || name === 'index.js') continue;
  const file = join(lib, 'constructs', name);
  writeFileSync(file, lazyModule(readFileSync(file, 'utf8')));
}
writeFileSync(barrel, lazyBarrel(exported));
writeFileSync(join(lib, 'index.js'), lazyBarrel([['./constructs', all]]));
