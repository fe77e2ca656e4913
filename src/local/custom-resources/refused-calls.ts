/** Calls that nobody answered while a provider was at work, and whether it failed because of them. */

/** By what was asked, `dynamodb PutItem`: the words in which it was refused. */
export type RefusedCalls = ReadonlyMap<string, string>;

/** Providers shorten what they pass on, and wrap it; so much of a refusal tells it from any other error. */
const TOLD_CHARACTERS = 60;
const WORDS = /LocalServiceUnavailable|the local target does not (?:play|support)/i;

/**
 * What a provider lacked here, in words for a list; undefined where it failed for a reason of its own. A refused call alone
 * shows nothing: somebody else may have made it, and a provider may do without.
 * @param told all that it gave as its reason
 */
export function missingServices(refused: RefusedCalls, told: string): string | undefined {
  const calls = blamedCalls(refused, told);
  if (calls.length === 0) return undefined;
  const services = new Set(calls.map((call) => call.split(' ')[0] ?? ''));
  services.delete('lambda'); // Nobody else plays that one.
  const option = [...services].map((service) => `'${service}': …`).join(', ');
  const advice = option === '' ? '' : `: startLocal({ services: { ${option} } })`;
  const [first = ''] = told.trim().split('\n');
  const own = blamedCalls(refused, first).length > 0 ? '' : `; it failed: ${first}`;
  return `their provider calls ${calls.join(', ')}, which nobody answers${advice}${own}`;
}

/** For the failure of a provider that does not tell of them: it may have kept them to itself. */
export function unansweredMeanwhile(refused: RefusedCalls): string {
  return refused.size === 0 ? '' : `; meanwhile nobody answered ${[...refused.keys()].join(', ')}`;
}

function blamedCalls(refused: RefusedCalls, told: string): readonly string[] {
  const named = [...refused].filter(([, message]) => told.includes(message.slice(0, TOLD_CHARACTERS)));
  if (named.length > 0) return named.map(([call]) => call);
  return WORDS.test(told) ? [...refused.keys()] : [];
}
