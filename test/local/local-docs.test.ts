import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ResolveScope, supportedIntrinsics } from '../../src/local/assembly/resolve-intrinsics';
import { QUIET_TYPES } from '../../src/local/resources/inert-types';
import { EFFECTIVE_PROVIDERS } from '../../src/local/resources/registry';

const docs = readFileSync(join(__dirname, '../../docs/local.md'), 'utf8');

function section(title: string): string {
  return docs.split(/^## /m).find((text) => text.startsWith(`${title}\n`)) ?? '';
}

function typesIn(text: string): string[] {
  return [...text.matchAll(/`((?:AWS::\w+|Custom)::\w+)`/g)].map(([, type = '']) => type);
}

/** Names of the members of an interface, from its source. */
function membersOf(file: string, name: string): string[] {
  const source = readFileSync(join(__dirname, '../..', file), 'utf8');
  const [, body = ''] = new RegExp(`interface ${name}\\b[^{]*\\{\\n([\\s\\S]*?)\\n\\}`).exec(source) ?? [];
  return [...body.matchAll(/^ {2}readonly (\w+)/gm)].map(([, member = '']) => member);
}

const scope: ResolveScope = {
  template: {},
  ref: () => undefined,
  attribute: () => undefined,
  importValue: () => undefined,
  availabilityZones: () => [],
  dynamicReference: (service, reference) => `${service} ${reference}`,
};

describe('docs/local.md', () => {
  const [table = '', inert = ''] = section('Resource types').split('Inert without');

  test('lists the resource types with an effect', () => {
    expect(typesIn(table).sort()).toEqual(EFFECTIVE_PROVIDERS.map(({ type }) => type).sort());
  });

  test('lists the resource types that are inert without a word', () => {
    expect(typesIn(inert).sort()).toEqual([...QUIET_TYPES].sort());
  });

  test('lists the intrinsic functions', () => {
    const listed = [...section('Intrinsic functions').matchAll(/`(Ref|Condition|Fn::\w+)`/g)].map(([, name]) => name);
    expect(listed.sort()).toEqual(supportedIntrinsics(scope).sort());
  });

  test.each([
    ['Options', 'src/local/local-target.ts', 'StartLocalOptions'],
    ['Options', 'src/local/operations/invocation-options.ts', 'InvocationOptions'],
    ['Options', 'src/local/runtime/environment-pool.ts', 'RuntimeOptions'],
    ['Options', 'src/local/clock.ts', 'PlatformTime'],
    ['Faults', 'src/local/operations/invocation-options.ts', 'Fault'],
    ['Deploy', 'src/local/engine/deployment.ts', 'DeployOptions'],
  ])("explains under '%s' every member of %s %s", (title, file, name) => {
    const members = membersOf(file, name);
    expect(members.length).toBeGreaterThan(0);
    const text = section(title);
    expect(members.filter((member) => !text.includes(`\`${member}\``))).toEqual([]);
  });
});
