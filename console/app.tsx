/** The page: functions and the form on one side, calls and what happened in one of them on the other. */
import { useState } from 'preact/hooks';
import { Announcer } from './announcer';
import { CallDetail } from './call-detail';
import { CallForm } from './call-form';
import { CallList } from './call-list';
import { plural } from './format';
import { FunctionList } from './function-list';
import { stateOf } from './state';
import { useStore } from './store';

export function App() {
  const { calls, connection, overview, selected } = useStore();
  const [chosen, choose] = useState<string | undefined>(undefined);
  const functions = overview?.functions ?? [];
  const fn = functions.find(({ functionArn }) => functionArn === chosen) ?? functions[0];
  const running = [...calls.values()].filter((call) => stateOf(call) === 'running').length;
  const call = calls.get(selected ?? '') ?? [...calls.values()].at(-1);
  return (
    <>
      <header>
        <h1>
          <svg viewBox="0 0 16 16" width="18" height="18" aria-hidden="true">
            <path
              d="M1 8h3l2-5 4 10 2-5h3"
              fill="none"
              stroke="currentColor"
              stroke-width="2"
              stroke-linejoin="round"
            />
          </svg>
          Console
        </h1>
        <code>{overview?.endpoint.replace('http://', '') ?? location.host}</code>
        <span class="spacer" />
        {running > 0 && <span class="running-count">{plural(running, 'stream')} running</span>}
        <span class={`connection ${connection.isOpen ? 'open' : 'closed'}`} role="status">
          {connection.isOpen ? 'live' : (connection.problem ?? 'connecting…')}
        </span>
      </header>
      <main>
        <aside aria-label="Functions and a form to call one">
          <FunctionList functions={functions} chosen={fn?.functionArn} onChoose={choose} />
          {fn && (
            <CallForm
              key={fn.functionArn}
              fn={fn}
              principals={overview?.principals ?? []}
              waiting={
                (overview?.faults ?? []).filter(
                  ({ functionName = fn.functionName }) => functionName === fn.functionName,
                ).length
              }
            />
          )}
        </aside>
        <div class="calls">
          <CallList calls={[...calls.values()]} selected={call?.id} />
          {call && <CallDetail call={call} />}
        </div>
      </main>
      <Announcer calls={[...calls.values()]} />
    </>
  );
}
