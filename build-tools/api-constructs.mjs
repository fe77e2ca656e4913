// Writes the reference of the constructs from .jsii: docs/api/<page>.md per source file, with own members only, and API.md as
// their index. Inherited members are one link to the reference of the AWS CDK.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const out = join(root, 'docs', 'api');
const { name: packageName, types } = JSON.parse(readFileSync(join(root, '.jsii'), 'utf8'));

const pages = new Map();
for (const type of Object.values(types)) {
  const page = basename(type.locationInModule.filename, '.ts');
  pages.set(page, [...(pages.get(page) ?? []), type]);
}

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
const index = [];
for (const [page, members] of [...pages].sort(([a], [b]) => (a < b ? -1 : 1))) {
  members.sort((a, b) => rank(a) - rank(b) || a.locationInModule.line - b.locationInModule.line);
  writeFileSync(join(out, `${page}.md`), `${members.map(section).join('\n')}`);
  const [{ name, docs }] = members;
  index.push(`- [${name}](docs/api/${page}.md): ${docs?.summary ?? ''}`);
}
writeFileSync(
  join(root, 'API.md'),
  `# API reference\n\nThe constructs, one page each, with what they add to the classes of the AWS CDK that they extend.\n\n${index.join('\n')}\n`,
);

/** Classes come before the options that they take. */
function rank({ kind }) {
  return kind === 'class' ? 0 : 1;
}

function section(type) {
  const { name, kind, docs = {}, base, interfaces = [], initializer } = type;
  const lines = [`# ${name}`, '', prose(docs)];
  if (base) lines.push(`${kind === 'class' ? 'Extends' : 'Has all of'} ${link(base)}.`, '');
  if (interfaces.length > 0) {
    lines.push(`${kind === 'class' ? 'Implements' : 'Has all of'} ${interfaces.map(link).join(', ')}.`, '');
  }
  if (docs.see) lines.push(`See ${docs.see}`, '');
  if (initializer) {
    lines.push(
      `## new ${name}(${parameters(initializer)})`,
      '',
      prose(initializer.docs),
      ...parameterList(initializer),
    );
  }
  const all = [...(type.methods ?? []), ...(type.properties ?? [])].filter((member) => !member.protected);
  for (const member of all.sort((a, b) => a.locationInModule.line - b.locationInModule.line)) {
    lines.push(...(isMethod(type, member) ? method(name, member) : property(kind, member)));
  }
  for (const member of type.members ?? []) lines.push(`- \`${name}.${member.name}\`: ${inline(member.docs)}`);
  return `${lines
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trimEnd()}\n`;
}

function isMethod(type, member) {
  return (type.methods ?? []).includes(member);
}

function method(owner, member) {
  const { name, static: isStatic, returns, docs } = member;
  const result = returns ? `: ${plain(returns.type)}` : '';
  const title = `## ${isStatic ? `${owner}.` : ''}${name}(${parameters(member)})${result}`;
  return [title, '', prose(docs), ...parameterList(member)];
}

function parameters({ parameters: all = [] }) {
  return all.map(({ name, optional, variadic }) => `${variadic ? '...' : ''}${name}${optional ? '?' : ''}`).join(', ');
}

function parameterList({ parameters: all = [] }) {
  const told = all.filter(({ name, docs }) => docs?.summary || !['scope', 'id'].includes(name));
  return [...told.map(({ name, type, docs }) => `- \`${name}\` ${typeOf(type)}${colon(inline(docs))}`), ''];
}

function property(kind, { name, type, optional, static: isStatic, docs = {} }) {
  const options = kind === 'interface';
  const need = options && !optional ? ', required' : '';
  const fallback = docs.default ? ` *Default:* ${docs.default.replace(/^- /, '').replace(/\s*\n\s*/g, ' ')}` : '';
  return [`- ${isStatic ? 'static ' : ''}**\`${name}\`** ${typeOf(type)}${need}${colon(inline(docs))}${fallback}`];
}

function colon(text) {
  return text ? `: ${text}` : '';
}

/** Docs as paragraphs, with their example. */
function prose(docs = {}) {
  const { summary = '', remarks, example, deprecated } = docs;
  const text = [summary, deprecated && `*Deprecated:* ${deprecated}`, remarks].filter(Boolean).join('\n\n');
  return example ? `${text}\n\n\`\`\`ts\n${example.trim()}\n\`\`\`\n` : `${text}\n`;
}

/** Docs in one line. */
function inline({ summary = '', remarks = '' } = {}) {
  return `${summary} ${remarks}`.replace(/\s*\n\s*/g, ' ').trim();
}

function typeOf(type) {
  if (type.fqn) return link(type.fqn);
  if (type.collection) {
    const { kind, elementtype } = type.collection;
    return kind === 'array' ? `array of ${typeOf(elementtype)}` : `map of ${typeOf(elementtype)}`;
  }
  if (type.union) return type.union.types.map(typeOf).join(' or ');
  return `\`${type.primitive}\``;
}

/** Without links, for titles. */
function plain(type) {
  return typeOf(type)
    .replace(/\[`([^`]+)`\]\([^)]*\)/g, '$1')
    .replaceAll('`', '');
}

/** A type of this package on its page, or of the AWS CDK in its reference. */
function link(fqn) {
  const own = types[fqn];
  const label = `\`${fqn.split('.').slice(1).join('.').replace(/^aws_/, '')}\``;
  if (own) return `[${label}](${basename(own.locationInModule.filename, '.ts')}.md)`;
  if (!fqn.startsWith('aws-cdk-lib.') && !fqn.startsWith('constructs.'))
    throw new Error(`${packageName} has no ${fqn}`);
  return `[${label}](https://docs.aws.amazon.com/cdk/api/v2/docs/${fqn}.html)`;
}
