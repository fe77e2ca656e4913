/** The page: asks the function for a reading and shows the words as they arrive. No framework. */
import { isStreamError, type StreamError, streamFetcher } from 'cdk-lambda-streaming/fetcher';
import { ENDINGS, reading } from './contract';

/** What the server of the page knows: the function URL and credentials of this visitor. */
interface Visit {
  readonly url: string;
  readonly region: string;
  readonly credentials: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken: string;
  };
}

type State = 'idle' | 'asking' | 'reading' | 'whole' | 'stopped' | 'failed';

const form = element('form', HTMLFormElement);
const words = element('#words', HTMLElement);
const status = element('#status', HTMLElement);
const failure = element('#failure', HTMLElement);
const startButton = element('#start', HTMLButtonElement);
const stopButton = element('#stop', HTMLButtonElement);

/** The reading under way. */
let control: AbortController | undefined;

form.addEventListener('submit', (event) => {
  event.preventDefault();
  void read(new FormData(form));
});
stopButton.addEventListener('click', () => control?.abort());

async function read(settings: FormData): Promise<void> {
  control = new AbortController();
  const { signal } = control;
  const choice = ENDINGS.find((ending) => ending === settings.get('ending'));
  let count = 0;
  words.replaceChildren();
  failure.hidden = true;
  show('asking', 'Asking the function …');
  try {
    const fetcher = await makeFetcher(choice !== undefined);
    const input = { wordsPerSecond: Number(settings.get('speed')), ending: choice };
    const stream = await fetcher.invoke(input, { signal });
    for await (const { word } of stream) {
      words.append(`${word} `);
      show('reading', `Reading: ${++count} words`);
    }
    const { final, metrics } = await stream.result;
    show('whole', `All ${final.words} words, the first after ${Math.round(metrics.firstChunkMs ?? 0)} ms`);
  } catch (error) {
    if (isStreamError(error, 'ABORTED')) return show('stopped', `Stopped after ${count} words`);
    show('failed', `Failed after ${count} words`);
    explain(error);
  }
}

async function makeFetcher(signed: boolean) {
  const response = await fetch('/visit.json');
  const { url, region, credentials }: Visit = await response.json();
  // A function URL of AWS says its region and service by its host; the local target's does not.
  const sign = signed ? ({ credentials, region, service: 'lambda' } as const) : 'none';
  return streamFetcher(reading, { url, sign, timeouts: { idleMs: 10_000 } });
}

function show(state: State, text: string): void {
  document.body.dataset['state'] = state;
  status.textContent = text;
  startButton.disabled = state === 'asking' || state === 'reading';
  stopButton.disabled = !startButton.disabled;
  words.ariaBusy = String(startButton.disabled);
}

/** Says what happened in the reader's words, and the error's own below. */
function explain(error: unknown): void {
  const [heading, details] = failure.children;
  if (heading) heading.textContent = isStreamError(error) ? meaning(error) : 'Something unexpected happened.';
  if (details) details.textContent = error instanceof Error ? error.message : String(error);
  failure.hidden = false;
}

function meaning(error: StreamError): string {
  if (isStreamError(error, 'REMOTE', reading)) {
    return `The function gave up after ${error.data?.wordsRead ?? 'some'} words. ${error.retryable ? 'Trying again may help.' : ''}`;
  }
  if (error.code === 'ACCESS_DENIED') return 'You may not call this function.';
  if (error.code === 'TRANSPORT' && error.chunks === 0)
    return 'The function could not be reached, or this page may not call it.';
  if (error.code === 'TRUNCATED' || error.code === 'TRANSPORT')
    return 'The end is missing: the function died or the connection broke.';
  if (error.code === 'TIMEOUT') return 'The function has fallen silent.';
  return 'The reading failed.';
}

function element<T extends Element>(selector: string, type: new () => T): T {
  const found = document.querySelector(selector);
  if (found instanceof type) return found;
  throw new Error(`index.html has no ${selector}`);
}
