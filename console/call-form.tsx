/** Calls the chosen function: as whom, through what, with which payload; what was called before is at hand. */
import { useId, useRef, useState } from 'preact/hooks';
import type { ConsoleFunction } from '../src/local/console/console-overview';
import { shortArn } from './calls';
import { injectFault, invoke, takeFaultsBack } from './client';
import { FaultSwitches, faultOf, NO_FAULT } from './fault-switches';
import { asRequest, FrontEndFields, fieldsOf, type HttpFields } from './front-end-fields';
import { store } from './store';

export interface CallFormProps {
  readonly fn: ConsoleFunction;
  readonly principals: readonly string[];
  /** Faults that wait for a call of the function. */
  readonly waiting: number;
}

interface Past {
  readonly functionArn: string;
  readonly payload: string;
}

/** Of this tab; another origin than this page cannot read it. */
const HISTORY = 'history';
const HISTORY_LENGTH = 20;

function history(): readonly Past[] {
  return JSON.parse(sessionStorage.getItem(HISTORY) ?? '[]') as readonly Past[];
}

function remember(past: Past): void {
  const others = history().filter(
    ({ functionArn, payload }) => functionArn !== past.functionArn || payload !== past.payload,
  );
  sessionStorage.setItem(HISTORY, JSON.stringify([past, ...others].slice(0, HISTORY_LENGTH)));
}

export function CallForm({ fn, principals, waiting }: CallFormProps) {
  const { functionArn, functionName, aliases, frontEnds } = fn;
  const past = history().filter((each) => each.functionArn === functionArn);
  const [payload, setPayload] = useState(past[0]?.payload ?? '{}');
  const [qualifier, setQualifier] = useState(aliases.includes('live') ? 'live' : (aliases[0] ?? ''));
  const account = functionArn.split(':')[4] ?? '';
  const [as, setAs] = useState(principals.find((arn) => arn.includes(account)) ?? '');
  const [through, setThrough] = useState('stream');
  const [http, setHttp] = useState<HttpFields>({ method: 'POST', path: '/', headers: '' });
  const [switches, setSwitches] = useState(NO_FAULT);
  const [problem, setProblem] = useState<string | undefined>(undefined);
  const [running, setRunning] = useState(0);
  const controllers = useRef(new Set<AbortController>());
  const id = useId();
  const wrong = jsonProblem(payload);
  const frontEnd = frontEnds[Number(through)];
  const isLambda = frontEnd === undefined;

  async function disturb(): Promise<void> {
    const fault = faultOf(switches);
    if (fault === undefined) return;
    setSwitches(NO_FAULT);
    await injectFault(fault, functionName);
  }

  async function call(): Promise<void> {
    if (isLambda && wrong !== undefined) return setProblem(`The payload is not JSON: ${wrong}`);
    const tag = crypto.randomUUID();
    const controller = new AbortController();
    controllers.current.add(controller);
    setProblem(undefined);
    setRunning((count) => count + 1);
    remember({ functionArn, payload });
    store.expect(tag);
    try {
      await disturb();
      const request = frontEnd === undefined ? { through, qualifier } : asRequest(frontEnd, http);
      const given = { functionArn, payload, tag, as, ...request };
      store.answered(tag, await invoke(given, controller.signal));
    } catch (error) {
      if (!controller.signal.aborted) setProblem(error instanceof Error ? error.message : String(error));
    } finally {
      controllers.current.delete(controller);
      setRunning((count) => count - 1);
    }
  }

  return (
    <form
      aria-label={`Call ${fn.functionName}`}
      onSubmit={(event) => {
        event.preventDefault();
        void call();
      }}
      onKeyDown={(event) => {
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void call();
      }}
    >
      <label for={`${id}as`}>As</label>
      <select id={`${id}as`} value={as} onChange={(event) => setAs(event.currentTarget.value)}>
        {principals.map((arn) => (
          <option key={arn} value={arn}>
            {principals.filter((other) => shortArn(other) === shortArn(arn)).length > 1 || arn.endsWith(':root')
              ? `${shortArn(arn)} of ${arn.split(':')[4]}`
              : shortArn(arn)}
          </option>
        ))}
        <option value="">nobody (not signed)</option>
      </select>
      <label for={`${id}through`}>Through</label>
      <select
        id={`${id}through`}
        value={through}
        onChange={(event) => {
          const value = event.currentTarget.value;
          const chosen = frontEnds[Number(value)];
          setThrough(value);
          if (chosen !== undefined) setHttp({ ...fieldsOf(chosen), headers: http.headers });
        }}
      >
        <option value="stream">Lambda API, streamed</option>
        <option value="buffered">Lambda API, buffered</option>
        {frontEnds.map(({ kind, method, note, url }, index) => (
          <option key={url + method} value={String(index)}>
            {kind} {kind.endsWith('Api') && `${method} `}
            {new URL(url).pathname.split('/').slice(3).join('/') || '/'} ({note})
          </option>
        ))}
      </select>
      {isLambda && (
        <>
          <label for={`${id}qualifier`}>Qualifier</label>
          <input
            id={`${id}qualifier`}
            value={qualifier}
            list={`${id}aliases`}
            placeholder="$LATEST"
            autocomplete="off"
            spellcheck={false}
            onInput={(event) => setQualifier(event.currentTarget.value)}
          />
          <datalist id={`${id}aliases`}>
            {aliases.map((alias) => (
              <option key={alias} value={alias} />
            ))}
          </datalist>
        </>
      )}
      {frontEnd !== undefined && <FrontEndFields fields={http} onChange={setHttp} />}
      <label for={`${id}payload`} class="wide">
        Payload
        {wrong !== undefined && isLambda && <span class="note"> not JSON yet</span>}
        {!isLambda && /^(GET|HEAD)$/.test(http.method) && <span class="note"> not sent with {http.method}</span>}
      </label>
      <textarea
        id={`${id}payload`}
        class="wide"
        rows={5}
        value={payload}
        spellcheck={false}
        aria-invalid={isLambda && wrong !== undefined}
        onInput={(event) => setPayload(event.currentTarget.value)}
      />
      {past.length > 1 && (
        <select
          class="wide"
          aria-label="Payloads of before"
          value=""
          onChange={(event) => setPayload(event.currentTarget.value)}
        >
          <option value="">Before…</option>
          {past.map((each) => (
            <option key={each.payload} value={each.payload}>
              {each.payload.slice(0, 60)}
            </option>
          ))}
        </select>
      )}
      <FaultSwitches switches={switches} onChange={setSwitches} />
      <div class="wide actions">
        <button type="submit" class="primary">
          Call <kbd>Ctrl ↵</kbd>
        </button>
        {faultOf(switches) !== undefined && (
          <button
            type="button"
            title="The next call of this function, whoever makes it, is disturbed"
            onClick={() => disturb().catch((error: unknown) => setProblem(String(error)))}
          >
            Only disturb
          </button>
        )}
        {running > 0 && (
          <button
            type="button"
            onClick={() => {
              for (const controller of controllers.current) controller.abort();
            }}
          >
            Leave {running > 1 ? `all ${running}` : 'it'}
          </button>
        )}
      </div>
      {waiting > 0 && (
        <p class="wide fault">
          A fault waits for the next call.{' '}
          <button type="button" class="link" onClick={() => void takeFaultsBack()}>
            Take it back
          </button>
        </p>
      )}
      {problem !== undefined && (
        <p class="wide problem" role="alert">
          {problem}
        </p>
      )}
    </form>
  );
}

function jsonProblem(text: string): string | undefined {
  try {
    JSON.parse(text === '' ? '{}' : text);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
