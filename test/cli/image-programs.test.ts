import { imagePrograms } from '../../src/cli/image-programs';

test('each function has its command, which the shell reads', () => {
  const cwd = process.cwd();
  expect(imagePrograms(['Stack/Web=node server.js --port=1', 'other= python app.py'])).toEqual({
    'Stack/Web': { command: ['sh', '-c', 'exec node server.js --port=1'], cwd },
    other: { command: ['sh', '-c', 'exec python app.py'], cwd },
  });
});

test.each(['Stack/Web', '=node server.js', 'Stack/Web= ', ''])('%j is refused', (text) => {
  expect(() => imagePrograms([text])).toThrow(
    `--image must be a function and the command that plays its image, such as 'Stack/Web=node server.js', got '${text}'`,
  );
});
