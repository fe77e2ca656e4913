import * as fc from 'fast-check';
import { dependenciesOf, deploymentOrder } from '../../../src/local/assembly/resource-graph';
import type { TemplateResource } from '../../../src/local/assembly/template';

const resource = (
  Properties: Record<string, unknown> = {},
  rest: Partial<TemplateResource> = {},
): TemplateResource => ({
  Type: 'AWS::Logs::LogGroup',
  Properties,
  ...rest,
});

describe('deploymentOrder', () => {
  test('keeps the order of the template where nothing depends on anything', () => {
    expect(deploymentOrder({ B: resource(), A: resource(), C: resource() })).toEqual(['B', 'A', 'C']);
  });

  test('puts what is referred to first, by Ref, GetAtt, Sub and DependsOn', () => {
    const resources = {
      ByRef: resource({ x: [{ y: { Ref: 'A' } }] }),
      ByGetAtt: resource({ x: { 'Fn::GetAtt': ['B', 'Arn'] } }),
      ByGetAttText: resource({ x: { 'Fn::GetAtt': 'C.Arn' } }),
      BySub: resource({ x: { 'Fn::Sub': ['$' + '{D.Arn}$' + '{v}$' + '{!E}', { v: { Ref: 'F' } }] } }),
      ByName: resource({}, { DependsOn: ['G'] }),
      A: resource(),
      B: resource(),
      C: resource(),
      D: resource(),
      E: resource(),
      F: resource(),
      G: resource(),
    };
    const depend = (name: string) => dependenciesOf(name, resources);
    expect([depend('ByRef'), depend('ByGetAtt'), depend('ByGetAttText'), depend('BySub'), depend('ByName')]).toEqual([
      ['A'],
      ['B'],
      ['C'],
      ['D', 'F'],
      ['G'],
    ]);
    const order = deploymentOrder(resources);
    expect(order.indexOf('F')).toBeLessThan(order.indexOf('BySub'));
  });

  test('names the circle', () => {
    const resources = {
      A: resource({ x: { Ref: 'B' } }),
      B: resource({ x: { Ref: 'C' } }),
      C: resource({ x: { Ref: 'B' } }),
    };
    expect(() => deploymentOrder(resources)).toThrow('Circular dependency between resources: [B, C]');
  });

  test('orders any graph without circles', () => {
    const graph = fc.array(fc.array(fc.nat(20)), { maxLength: 20 }).map((edges) =>
      // Only edges to smaller numbers, so there is no circle; then in reverse, so that the template is in the wrong order.
      Object.fromEntries(
        edges
          .map(
            (targets, i) =>
              [`R${i}`, resource({ refs: targets.filter((t) => t < i).map((t) => ({ Ref: `R${t}` })) })] as const,
          )
          .reverse(),
      ),
    );
    fc.assert(
      fc.property(graph, (resources) => {
        const order = deploymentOrder(resources);
        expect([...order].sort()).toEqual(Object.keys(resources).sort());
        for (const name of order) {
          for (const dependency of dependenciesOf(name, resources)) {
            expect(order.indexOf(dependency)).toBeLessThan(order.indexOf(name));
          }
        }
      }),
    );
  });
});
