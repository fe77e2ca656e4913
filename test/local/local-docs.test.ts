import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ResolveScope, resolveIntrinsics, supportedIntrinsics } from '../../src/local/assembly/resolve-intrinsics';
import { INERT_TYPES } from '../../src/local/resources/inert-types';
import { EFFECTIVE_PROVIDERS } from '../../src/local/resources/registry';

const docs = readFileSync(join(__dirname, '../../docs/local.md'), 'utf8');

function section(title: string): string {
  return docs.split(/^## /m).find((text) => text.startsWith(`${title}\n`)) ?? '';
}

function typesIn(text: string): string[] {
  return [...text.matchAll(/`(AWS::\w+::\w+)`/g)].map(([, type = '']) => type);
}

const scope: ResolveScope = {
  template: {},
  ref: () => undefined,
  attribute: () => undefined,
  importValue: () => undefined,
  availabilityZones: () => [],
};

describe('docs/local.md', () => {
  const [table = '', inert = ''] = section('Resource types').split('Inert types');

  it('lists the resource types with an effect', () => {
    expect(typesIn(table).sort()).toEqual(EFFECTIVE_PROVIDERS.map(({ type }) => type).sort());
  });

  it('lists the inert resource types', () => {
    expect(typesIn(inert).sort()).toEqual(INERT_TYPES.map(({ type }) => type).sort());
  });

  it('lists the intrinsic functions', () => {
    const listed = [...section('Intrinsic functions').matchAll(/`(Ref|Condition|Fn::\w+)`/g)].map(([, name]) => name);
    expect(listed.sort()).toEqual(supportedIntrinsics(scope).sort());
  });

  it('says truly that dynamic references fail', () => {
    expect(() => resolveIntrinsics({ Value: 'x{{resolve:secretsmanager:s}}' }, scope)).toThrow(
      'dynamic references are not supported',
    );
  });
});
