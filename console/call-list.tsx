/** Every call, whoever made it, the newest first; the arrow keys walk through it. */

import type { VNode } from 'preact';
import { type Call, isAsynchronous } from './calls';
import { byteCount, clock, ms } from './format';
import { phasesOf } from './phases';
import { resultOf, stateOf } from './state';
import { store, useNow } from './store';

export interface CallListProps {
  readonly calls: readonly Call[];
  readonly selected: string | undefined;
}

const VIA = {
  InvokeWithResponseStream: 'Stream',
  Invoke: 'Invoke',
  FunctionUrl: 'URL',
  RestApi: 'REST',
  HttpApi: 'HTTP',
  CloudFront: 'CloudFront',
} as const;

export function CallList({ calls, selected }: CallListProps) {
  const newest = [...calls].reverse();
  const now = useNow(calls.some((call) => stateOf(call) === 'running'));
  const walk = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const next = newest[newest.findIndex(({ id }) => id === selected) + step];
    if (next === undefined) return;
    store.select(next.id);
    document.getElementById(`call-${next.id}`)?.focus();
  };
  return (
    <section class="list" aria-label="Calls">
      <table onKeyDown={walk}>
        <thead>
          <tr>
            <th>Time</th>
            <th>Function</th>
            <th>Caller</th>
            <th>Via</th>
            <th>Result</th>
            <th class="number">First byte</th>
            <th class="number">Total</th>
            <th class="number">Bytes</th>
            <th class="course">Course</th>
          </tr>
        </thead>
        <tbody>{newest.map((call) => rowOf(call, call.id === selected, now))}</tbody>
      </table>
      {calls.length === 0 && <p class="empty">No call yet. Make one on the left, or with any client.</p>}
    </section>
  );
}

const drawn = new WeakMap<Call, { readonly key: string; readonly row: VNode }>();

/** What is over is drawn once: others may run, and be drawn sixty times a second. */
function rowOf(call: Call, isSelected: boolean, now: number): VNode {
  const isOver = call.ended !== undefined && (call.started === undefined || call.completed !== undefined);
  const key = `${isSelected} ${store.nameOf(call)} ${store.callerOf(call)} ${stateOf(call)}`;
  const before = drawn.get(call);
  if (isOver && before?.key === key) return before.row;
  const row = <Row key={call.id} call={call} isSelected={isSelected} now={now} />;
  if (isOver) drawn.set(call, { key, row });
  return row;
}

function Row({ call, isSelected, now }: { readonly call: Call; readonly isSelected: boolean; readonly now: number }) {
  const { acceptedAt, bytes, ended, id, operation, pieces, through, what } = call;
  const name = store.nameOf(call) || what;
  const caller = store.callerOf(call) || (ended ? 'nobody' : '');
  const state = stateOf(call);
  const first = pieces[0];
  return (
    <tr class={state} aria-selected={isSelected} onClick={() => store.select(id)}>
      <td>
        <button
          type="button"
          id={`call-${id}`}
          class="plain"
          tabIndex={isSelected ? 0 : -1}
          aria-label={`Call of ${name} at ${clock(acceptedAt)}, ${resultOf(call)}`}
          onClick={() => store.select(id)}
        >
          {clock(acceptedAt)}
        </button>
      </td>
      <td class="name" title={name}>
        <bdi>{name}</bdi>
      </td>
      <td class="name" title={caller}>
        <bdi>{caller}</bdi>
      </td>
      <td>
        {through && `${through} › `}
        {isAsynchronous(call) ? 'Event' : VIA[operation]}
      </td>
      <td>
        <State call={call} />
      </td>
      <td class="number">{first ? ms(first.at - acceptedAt) : ''}</td>
      <td class="number">{ms((ended?.at ?? now) - acceptedAt)}</td>
      <td class="number">{byteCount(bytes)}</td>
      <td class="course">
        <Lane call={call} now={now} />
      </td>
    </tr>
  );
}

export function State({ call }: { readonly call: Call }) {
  return <span class={`state ${stateOf(call)}`}>{resultOf(call)}</span>;
}

/** The phases in one line, and a stroke for each chunk. */
function Lane({ call, now }: { readonly call: Call; readonly now: number }) {
  const phases = phasesOf(call, now);
  const end = Math.max(phases.at(-1)?.to ?? now, call.acceptedAt + 1);
  const x = (at: number) => ((at - call.acceptedAt) / (end - call.acceptedAt)) * 160;
  const strokes = new Set(call.pieces.map(({ at }) => Math.round(x(at))));
  return (
    <svg viewBox="0 0 160 14" preserveAspectRatio="none" aria-hidden="true">
      {phases.map(({ name, from, to }) => (
        <rect key={name} class={`phase ${name}`} x={x(from)} y={3} width={Math.max(x(to) - x(from), 0.5)} height={8} />
      ))}
      <path class="strokes" d={[...strokes].map((at) => `M${at} 1v12`).join('')} />
    </svg>
  );
}
