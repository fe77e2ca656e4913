/** Says the end of each stream to those who do not see it. Its middle would drown everything else. */
import { useRef } from 'preact/hooks';
import type { Call } from './calls';
import { byteCount, ms, plural } from './format';
import { reasonOf, resultOf, stateOf } from './state';
import { store } from './store';

export function Announcer({ calls }: { readonly calls: readonly Call[] }) {
  const since = useRef(performance.timeOrigin + performance.now());
  const ended = calls.filter((call) => (call.ended?.at ?? 0) > since.current && stateOf(call) !== 'running');
  const last = ended.sort((a, b) => (a.ended?.at ?? 0) - (b.ended?.at ?? 0)).at(-1);
  return (
    <p class="hidden" role="status" aria-live="polite" id="announcer">
      {last && sentenceOf(last)}
    </p>
  );
}

function sentenceOf(call: Call): string {
  const { acceptedAt, bytes, ended, pieces } = call;
  const time = ms((ended?.at ?? acceptedAt) - acceptedAt);
  const why = reasonOf(call);
  const because = why === undefined ? '' : `: ${why}`;
  return `${store.nameOf(call) || call.what} ${resultOf(call)} after ${time}${because}; ${plural(pieces.length, 'piece')}, ${byteCount(bytes)}`;
}
