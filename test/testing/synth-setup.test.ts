const load = () => jest.isolateModules(() => require('../../src/testing/synth-setup'));

afterEach(() => {
  delete process.env['CDK_VALIDATION'];
});

test('switches the validator of newer aws-cdk-lib versions off', () => {
  load();
  expect(process.env['CDK_VALIDATION']).toBe('false');
});

test('leaves a choice that was made already', () => {
  process.env['CDK_VALIDATION'] = 'true';
  load();
  expect(process.env['CDK_VALIDATION']).toBe('true');
});
