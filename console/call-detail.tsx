/** One call: where its time went, its stream, its chunks beside its log, and what IAM decided. */
import { State } from './call-list';
import type { Call } from './calls';
import { ChunkTimeline } from './chunk-timeline';
import { Decisions } from './decisions';
import { byteCount, ms, plural } from './format';
import { Log } from './log';
import { PathName } from './path-name';
import { Pieces } from './pieces';
import { cassetteOf, cassetteProblem, download, pictureOf } from './save';
import { reasonOf, resultOf, stateOf } from './state';
import { store, useNow } from './store';
import { verdictOf } from './verdict';
import { Waterfall } from './waterfall';

export function CallDetail({ call }: { readonly call: Call }) {
  const { acceptedAt, by, bytes, ended, faults, id, operation, pieces, started, through, what } = call;
  const name = store.nameOf(call) || what;
  const state = stateOf(call);
  const now = useNow(state === 'running');
  const why = reasonOf(call);
  const { chunks, hasEndMark } = verdictOf(call);
  const isDenied = call.decisions.some(({ explanation }) => !explanation.allowed);
  return (
    <article aria-label={`Call of ${name}, ${resultOf(call)}`}>
      <header>
        <h2>
          <PathName path={name} />
        </h2>
        <State call={call} />
        <span>
          {chunks !== undefined && `${plural(chunks, 'chunk')} in `}
          {plural(pieces.length, 'piece')}, {byteCount(bytes)}, {ms((ended?.at ?? now) - acceptedAt)}
          {state === 'whole' && hasEndMark === true && ', confirmed by its end mark'}
          {state === 'whole' && hasEndMark === false && ', without an end mark'}
        </span>
        <span class="spacer" />
        <Actions call={call} />
        <small class="route">
          {through && `${through} › `}
          {operation.startsWith('Invoke') && by === undefined ? operation : what} · by{' '}
          {store.callerOf(call) || 'nobody'} · {started && `version ${started.version} · `}
          request <code>{id}</code>
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
      {started !== undefined && (
        <div class="columns">
          <Pieces call={call} />
          <Log call={call} />
        </div>
      )}
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

function Actions({ call }: { readonly call: Call }) {
  const problem = cassetteProblem(call);
  const name = store.nameOf(call).replaceAll(/[^\w-]+/g, '-');
  return (
    <>
      <button
        type="button"
        class="tool"
        disabled={problem !== undefined}
        title={problem ?? 'A file that replayStreams() plays again in a test'}
        onClick={() => download(`${name}.stream.jsonl`, 'application/jsonl', cassetteOf(call))}
      >
        Save as cassette
      </button>
      <button
        type="button"
        class="tool"
        disabled={call.pieces.length === 0}
        onClick={() => download(`${name}.svg`, 'image/svg+xml', pictureOf(call, store.nameOf(call)))}
      >
        Save as SVG
      </button>
    </>
  );
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2);
  } catch {
    return text; // not JSON
  }
}
