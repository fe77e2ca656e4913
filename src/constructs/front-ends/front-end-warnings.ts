/** What every front end warns about, whichever it is: functions that do not stream through it as expected. */
import type { IConstruct } from 'constructs';
import { unqualifiedFrontEndMessage } from '../checks/unqualified-front-end';
import { factsOf, type InvokedFunction } from '../facts/invoked-function';
import { BUFFERING_RUNTIME, DURABLE_STREAM, type StreamingFact } from '../facts/streaming-facts';
import { warn, warnLate } from '../problems/warnings';

/** Warns at once where nothing can change, and when the tree is complete about what may still be added. */
export function warnAboutFunction(
  frontEnd: IConstruct,
  { behind, qualifier }: InvokedFunction,
  ...more: readonly StreamingFact[]
): void {
  const name = behind.node.path;
  if (!qualifier) warn(frontEnd, 'UnqualifiedFrontEnd', unqualifiedFrontEndMessage(name));
  frontEnd.node.addValidation({
    validate: () => {
      const facts = factsOf(behind);
      for (const fact of [BUFFERING_RUNTIME, DURABLE_STREAM, ...more]) {
        if (facts && fact.holds(facts)) warnLate(frontEnd, fact.id, fact.message(name, facts));
      }
      return [];
    },
  });
}
