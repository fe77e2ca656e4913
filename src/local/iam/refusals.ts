/** Remembers what IAM refused, so that the error a caller got can be explained: by AWS's words, which the error carries. */

import type { Authorize } from './authorize';
import type { Decision } from './decision';
import { type Explanation, explain } from './explain';

/** Refusals that can be explained: the last ones. */
const KEPT = 200;

export class Refusals {
  private readonly byMessage = new Map<string, Decision>();

  /** `authorize`, whose refusals are remembered. */
  public watch(authorize: Authorize): Authorize {
    return (request) => {
      const decision = authorize(request);
      if (decision.message !== undefined) this.remember(decision.message, decision);
      return decision;
    };
  }

  /** Why the request was refused whose message `text` holds; undefined when IAM refused no such request lately. */
  public explain(text: string): Explanation | undefined {
    const [decision] = [...this.byMessage].flatMap(([message, one]) => (text.includes(message) ? [one] : [])).slice(-1);
    return decision && explain(decision);
  }

  private remember(message: string, decision: Decision): void {
    this.byMessage.delete(message); // the newest of equal refusals is the last
    this.byMessage.set(message, decision);
    const [oldest] = this.byMessage.keys();
    if (this.byMessage.size > KEPT && oldest !== undefined) this.byMessage.delete(oldest);
  }
}
