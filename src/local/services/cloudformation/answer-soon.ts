/** When a request is answered that begins a change of a stack. */
import { setTimeout } from 'node:timers/promises';
import type { CloudFormationCall } from './cloudformation-call';

/** Longest wait of an answer for the change that it has begun. */
const ANSWER_MS = 500;

/** The record tells how it went. The answer waits for what takes no longer, so that clients need not ask again. */
export async function answerSoon({ onDeployed }: CloudFormationCall, change: Promise<unknown>): Promise<void> {
  const ended = change.then(onDeployed, onDeployed);
  await Promise.race([ended, setTimeout(ANSWER_MS, undefined, { ref: false })]);
}
