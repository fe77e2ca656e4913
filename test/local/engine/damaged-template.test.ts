import { answersDamageInPlainWords } from './damaged-template';

it('a template damaged anywhere is refused in plain words, or deploys', () => {
  answersDamageInPlainWords(60);
});
