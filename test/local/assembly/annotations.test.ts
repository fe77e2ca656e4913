import { Annotations, App, Stack } from 'aws-cdk-lib/core';
import { startLocal } from 'cdk-lambda-streaming/local';
import { removeFolders, temporaryFolder } from '../engine/write-assembly';

afterEach(removeFolders);

async function deployed(annotate: (stack: Stack, other: Stack) => void, stacks?: string[]) {
  const app = new App({ outdir: temporaryFolder() });
  annotate(new Stack(app, 'Chat'), new Stack(app, 'Other'));
  const local = await startLocal();
  try {
    return await local.deploy(app.synth().directory, { stacks });
  } finally {
    await local.stop();
  }
}

test('a warning of a construct is one of the deployment, once', async () => {
  const { warnings } = await deployed((chat, other) => {
    Annotations.of(chat).addWarningV2('our:careful', 'be careful');
    Annotations.of(chat).addWarningV2('our:careful', 'be careful');
    Annotations.of(chat).addInfo('by the way');
    Annotations.of(other).addWarningV2('our:careful', 'be careful, too');
  });
  expect(warnings).toEqual(['[Chat] be careful [ack: our:careful]', '[Other] be careful, too [ack: our:careful]']);
});

test('an error of a construct refuses the deployment in its words, as cdk deploy does', async () => {
  const annotate = (chat: Stack) => Annotations.of(chat).addError('this cannot work');
  await expect(deployed(annotate)).rejects.toThrow(
    "the app found errors at synth, for which 'cdk deploy' stops, too:\n  [Chat] this cannot work",
  );
  await expect(deployed(annotate, ['Other'])).resolves.toMatchObject({ warnings: [] });
});
