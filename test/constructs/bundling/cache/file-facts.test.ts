import * as fs from 'node:fs';
import { ABSENT, FileFacts } from '../../../../src/constructs/bundling/cache/file-facts';
import { link } from '../mutation-kit';
import { Project, removeProjects, settled } from '../project';

afterAll(removeProjects);

/** A directory whose link leads to `v1` by way of another link. */
function chain(): Project {
  const project = Project.create({ 'v1/a.ts': '', 'v2/a.ts': '', 'src/b.ts': '' });
  link(project, 'current', 'v1');
  link(project, 'src/linked', '../current');
  return project;
}

test('a link counts by where it leads in the end, although nothing changes where it is', async () => {
  const project = chain();
  const facts = new FileFacts();
  await settled();
  const before = facts.listing(project.path('src'));
  link(project, 'current', 'v2');
  expect(facts.listing(project.path('src'))).toBe(before);
  facts.beginPass();
  expect(facts.listing(project.path('src'))).not.toBe(before);
  link(project, 'current', 'v1');
  facts.beginPass();
  expect(facts.listing(project.path('src'))).toBe(before);
});

test('a directory is not settled while a link in between is new', async () => {
  const project = chain();
  await settled();
  const facts = new FileFacts();
  const isSettled = (since: number) => {
    facts.beginPass();
    facts.listing(project.path('src'));
    return facts.isSettled('listing', project.path('src'), since);
  };
  const start = Date.now();
  expect(isSettled(start)).toBe(true);
  link(project, 'current', 'v2');
  expect(isSettled(start)).toBe(false);
});

test('where a path really is counts as settled by its links, in any of its parts', async () => {
  const project = chain();
  const facts = new FileFacts();
  await settled();
  const start = Date.now();
  const place = project.path('src/linked/a.ts');
  expect(facts.real(place)).toBe('../../v1/a.ts');
  expect(facts.isSettled('real', place, start)).toBe(true);
  facts.beginPass();
  link(project, 'current', 'v2');
  expect(facts.real(place)).toBe('../../v2/a.ts');
  expect(facts.isSettled('real', place, start)).toBe(false);
});

test('a loop of links is as good as nothing', () => {
  const project = Project.create({});
  link(project, 'loop', 'loop');
  const facts = new FileFacts();
  expect(facts.content(project.path('loop'))).toBe(ABSENT);
  expect(facts.real(project.path('loop'))).toBe(ABSENT);
  expect(facts.isSettled('real', project.path('loop'), Date.now() + 60_000)).toBe(true);
});

test('a node_modules counts by where it is, although another has the same packages', () => {
  const project = Project.create({ 'one/dep/index.js': '', 'two/dep/index.js': '' });
  link(project, 'src/node_modules', '../one');
  const facts = new FileFacts();
  const before = facts.modules(project.path('src/node_modules'));
  link(project, 'src/node_modules', '../two');
  facts.beginPass();
  expect(facts.modules(project.path('src/node_modules'))).not.toBe(before);
});

test('a directory that took the place of another is new, although it is old', async () => {
  const project = Project.create({ 'src/lib/a.ts': '', 'spare/a.ts': '' });
  await settled();
  const start = Date.now();
  fs.renameSync(project.path('src/lib'), project.path('was'));
  fs.renameSync(project.path('spare'), project.path('src/lib'));
  const facts = new FileFacts();
  facts.listing(project.path('src'));
  expect(facts.isSettled('listing', project.path('src'), start)).toBe(false);
});
