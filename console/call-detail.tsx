/** One call: where its time went, its stream, its chunks beside its log, and what IAM decided. */
import { STATE_WORDS } from './announcer';
import { State } from './call-list';
import { type Call, callerOf, functionNameOf, stateOf } from './calls';
import { ChunkTimeline } from './chunk-timeline';
import { Chunks } from './chunks';
import { Decisions } from './decisions';
import { byteCount, ms, plural } from './format';
import { Log } from './log';
import { useNow } from './store';
import { Waterfall } from './waterfall';

export function CallDetail({ call }: { readonly call: Call }) {
  const { acceptedAt, answer, bytes, completed, ended, faults, id, pieces, started, through, what } = call;
  const state = stateOf(call);
  const now = useNow(state === 'running');
  const why = ended?.refusal ?? answer?.message ?? reasonOf(completed);
  const isDenied = call.decisions.some(({ explanation }) => !explanation.allowed);
  return (
    <article aria-label={`Call of ${functionNameOf(call)}, ${STATE_WORDS[state]}`}>
      <header>
        <h2>{functionNameOf(call) || what}</h2>
        <State state={state} />
        <span>
          {plural(pieces.length, 'chunk')}, {byteCount(bytes)}, {ms((ended?.at ?? now) - acceptedAt)}
        </span>
        <span class="spacer" />
        <small>
          {through && `${through} › `}
          {what.length > 60 ? `${what.slice(0, 60)}…` : what} · {callerOf(call) || 'nobody'} · <code>{id}</code>
        </small>
      </header>
      {why !== undefined && state !== 'whole' && state !== 'running' && <p class="problem">{why}</p>}
      {faults.map((fault) => (
        <p class="fault" key={JSON.stringify(fault)}>
          Fault: <code>{JSON.stringify(fault)}</code>
        </p>
      ))}
      {isDenied && <Decisions call={call} />}
      <Waterfall call={call} now={now} />
      {started !== undefined && <ChunkTimeline call={call} now={now} />}
      <div class="columns">
        <Chunks call={call} />
        <Log call={call} />
      </div>
      {!isDenied && <Decisions call={call} />}
      {started !== undefined && (
        <details>
          <summary>Event ({byteCount(started.event.bytes)})</summary>
          <pre>{pretty(started.event.text ?? started.event.base64 ?? 'too large to be kept')}</pre>
        </details>
      )}
    </article>
  );
}

function reasonOf(completed: Call['completed']): string | undefined {
  return completed?.errorType === undefined ? undefined : `${completed.errorType}: ${completed.errorMessage ?? ''}`;
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2);
  } catch {
    return text; // not JSON
  }
}
