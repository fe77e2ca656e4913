import { startLocal } from 'cdk-lambda-streaming/local';
import { removeFolders, writeAssembly } from './engine/write-assembly';

afterAll(removeFolders);

const parameter = (Value: unknown) => ({ Type: 'AWS::SSM::Parameter', Properties: { Type: 'String', Value } });

test('names that every object has are names like others', async () => {
  await using local = await startLocal({
    ssmParameters: { '/app/name': 'x' },
    images: { toStrin: { command: ['x'] } },
  });
  const deploy = (template: object, options = {}) => local.deploy(writeAssembly({ S: { template } }), options);
  const output = (Value: unknown) => ({
    Mappings: { M: { a: { b: 'c' } } },
    Resources: { A: parameter('x') },
    Outputs: { O: { Value } },
  });
  await expect(deploy(output({ 'Fn::GetAtt': ['A', 'constructor'] }))).rejects.toThrow("no attribute 'constructor'");
  for (const path of [
    ['M', 'constructor', 'name'],
    ['M', 'a', 'constructor'],
  ]) {
    await expect(deploy(output({ 'Fn::FindInMap': path }))).rejects.toThrow('Unable to get mapping for M::');
  }
  const own = {
    Parameters: { constructor: { Type: 'String' } },
    Resources: { toString: parameter({ Ref: 'constructor' }) },
  };
  await expect(deploy(own)).rejects.toThrow(/constructor/);
  const { stacks, warnings } = await deploy(own, { parameters: { constructor: 'x' } });
  expect(stacks).toMatchObject([{ changes: { toString: 'created' } }]);
  expect(warnings).toEqual(["the option 'images' names 'toStrin', and no deployed function is called so"]);
  await expect(deploy(output('{{resolve:ssm:/app/nam}}'))).rejects.toThrow(
    "has defined (did you mean '/app/name'?); give its value",
  );
});
