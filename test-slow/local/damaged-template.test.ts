import { answersDamageInPlainWords } from '../../test/local/engine/damaged-template';

it('a template damaged anywhere is refused in plain words, or deploys', () => {
  answersDamageInPlainWords(3_000);
}, 120_000);
