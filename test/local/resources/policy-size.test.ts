import { deploy, permission, stack } from '../engine/engine-fixture';
import { functionResources } from '../engine/write-assembly';

test('a resource-based policy may have 20,480 bytes and no more', async () => {
  const grants = (count: number) =>
    Object.fromEntries(
      Array.from({ length: count }, (_, i) => [`Grant${i}`, permission(`${222_222_222_000 + i}`, { Ref: 'Fn' })]),
    );
  const of = (count: number) => ({ S: stack({ ...functionResources({ FunctionName: 'chat' }), ...grants(count) }) });
  expect((await deploy(of(40))).stacks).toHaveLength(1);
  await expect(deploy(of(120))).rejects.toThrow(/The final policy size \(\d+\) is bigger than the limit \(20480\)\./);
});
