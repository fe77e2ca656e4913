/** The page: asks the function for a reading and shows the words as they arrive. No framework. */
import { isStreamError, streamFetcher } from 'cdk-lambda-streaming/fetcher';
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
const count = element('#count', HTMLElement);
const hint = element('#hint', HTMLElement);
const failure = element('#failure', HTMLElement);
const again = element('#again', HTMLButtonElement);
const toggle = element('#toggle', HTMLButtonElement);
const speed = element('#speed', HTMLInputElement);
const shownSpeed = element('#shown', HTMLOutputElement);

/** The reading under way. */
let control: AbortController | undefined;

// One button for both, so that focus stays where it is.
form.addEventListener('submit', (event) => {
  event.preventDefault();
  if (control === undefined) void read(new FormData(form));
  else control.abort();
});
again.addEventListener('click', () => {
  toggle.focus();
  void read(new FormData(form));
});
document.addEventListener('keydown', ({ key }) => {
  if (key === 'Escape') control?.abort();
});
speed.addEventListener('input', showSpeed);
// A browser restores the form of a page that is loaded again.
showSpeed();

async function read(settings: FormData): Promise<void> {
  control = new AbortController();
  const { signal } = control;
  const choice = ENDINGS.find((ending) => ending === settings.get('ending'));
  let read = 0;
  words.replaceChildren();
  failure.hidden = true;
  show('asking', 'Asking the function …');
  try {
    const fetcher = await makeFetcher(choice !== undefined);
    const input = { wordsPerSecond: Number(settings.get('speed')), ending: choice };
    const stream = await fetcher.invoke(input, { signal });
    for await (const { word } of stream) {
      if (read === 0) show('reading', 'Reading');
      words.append(`${word} `);
      count.textContent = ` ${++read} words`;
    }
    const { final } = await stream.result;
    control = undefined;
    show('whole', `Complete: the function confirmed all ${final.words} words`);
  } catch (error) {
    control = undefined;
    if (isStreamError(error, 'ABORTED')) return show('stopped', `Stopped after ${read} words`);
    show('failed', read === 0 ? 'Failed before the first word' : `Failed after ${read} words`);
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

/** The live region is told of each state once; the counter beside it is for the eye only. */
function show(state: State, text: string): void {
  const busy = state === 'asking' || state === 'reading';
  document.body.dataset['state'] = state;
  status.textContent = text;
  count.textContent = '';
  toggle.textContent = busy ? 'Stop' : 'Read';
  hint.hidden = !busy;
  words.ariaBusy = String(busy);
}

function showSpeed(): void {
  shownSpeed.value = speed.value;
}

/** Says what happened in the reader's words, and the error's own below. */
function explain(error: unknown): void {
  const [heading, details] = failure.children;
  if (heading) heading.textContent = meaning(error);
  if (details) details.textContent = error instanceof Error ? error.message : String(error);
  // A browser does not say why it refused a request, and refuses the next one too.
  const neverArrived = isStreamError(error, 'TRANSPORT') && error.chunks === 0;
  again.hidden = neverArrived || !isStreamError(error) || !error.retryable;
  failure.hidden = false;
}

function meaning(error: unknown): string {
  // What serves the page is what deployed the function.
  if (error instanceof TypeError) return "The example's server is gone; start it again.";
  if (!isStreamError(error)) return 'Something unexpected happened.';
  if (isStreamError(error, 'REMOTE', reading)) {
    return `The function gave up after ${error.data?.wordsRead ?? 'some'} words. ${error.retryable ? 'Trying again may help.' : ''}`.trim();
  }
  if (error.code === 'ACCESS_DENIED') return 'You may not call this function.';
  if (error.code === 'TRANSPORT' && error.chunks === 0)
    return 'The request was not signed, or this page may not call the function.';
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
