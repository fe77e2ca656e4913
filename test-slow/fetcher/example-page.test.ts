/** The browser example as people see it: in a real Chromium, by eye, by keyboard, on a phone and through axe-core. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Example, serveExample } from '../../examples/browser-stream/serve';
import { type Browser, launchChromium, type Page } from './chromium';

const PHONE = { width: 360, height: 740 };

let browser: Browser;
let example: Example;
let page: Page;
let pageErrors: string[];

beforeAll(async () => {
  [browser, example] = await Promise.all([launchChromium(), serveExample()]);
});

afterAll(async () => {
  await browser?.close();
  await example?.stop();
});

async function open(options: object = {}): Promise<void> {
  page = await browser.newPage(options);
  pageErrors = [];
  page.on('pageerror', ({ message = '' }) => pageErrors.push(message));
  await page.goto(example.url);
}

afterEach(async () => {
  await page.close();
  // Also an unhandled rejection in the page is one.
  expect(pageErrors).toEqual([]);
});

const inState = (state: string) => page.waitForFunction(`document.body.dataset.state === '${state}'`);
const status = () => page.locator('#status').textContent();
const focused = () => page.evaluate<string>('document.activeElement.id');

async function read(ending: string, speed: number): Promise<void> {
  await page.getByLabel('What happens').selectOption(ending);
  await page.getByLabel('Words per second').fill(String(speed));
  await page.getByRole('button', { name: 'Read' }).click();
}

describe('by eye', () => {
  test('shows words while the function runs, and stops when told to', async () => {
    await open();
    await read('whole', 5);
    await inState('reading');
    expect(await page.locator('#words').textContent()).toMatch(/^Four /);
    await page.getByRole('button', { name: 'Stop' }).click();
    await inState('stopped');
    const shown = ((await page.locator('#words').textContent()) ?? '').trim().split(' ').length;
    expect(await status()).toBe(`Stopped after ${shown} words`);
    expect(shown).toBeLessThan(145);
    expect(await page.locator('#failure').getAttribute('hidden')).toBe('');
  });

  test('a whole reading says that the function confirmed its end', async () => {
    await open();
    await read('whole', 60);
    await inState('whole');
    expect(await status()).toBe('Complete: the function confirmed all 145 words');
    expect(await page.locator('#words').textContent()).toMatch(/add or detract\. $/);
    expect(await page.evaluate("getComputedStyle(document.querySelector('#words'), '::after').content")).toBe('none');
  });

  test.each([
    [
      'refused',
      'Failed after 40 words',
      /^The function gave up after 40 words\. Trying again may help\.\[REMOTE\] VoiceLost/,
      true,
    ],
    ['crashed', 'Failed after 40 words', /^The end is missing.*\[(TRANSPORT|TRUNCATED)\]/, true],
    [
      'unsigned',
      'Failed before the first word',
      /^The request was not signed, or this page may not call the function\.\[TRANSPORT\].*CORS/,
      false,
    ],
  ])('%s: says what happened, keeps what came and marks it as incomplete', async (ending, words, message, again) => {
    await open();
    await read(ending, 60);
    await inState('failed');
    expect(await status()).toBe(words);
    expect(await page.locator('#failure').textContent()).toMatch(message);
    expect(await page.evaluate<boolean>("document.querySelector('#again').hidden")).toBe(!again);
    const mark = await page.evaluate<string>("getComputedStyle(document.querySelector('#words'), '::after').content");
    expect(mark.includes('incomplete')).toBe(ending !== 'unsigned');
    // Before its first word a failed reading promises none.
    expect(await page.evaluate("getComputedStyle(document.querySelector('#words'), '::before').content")).toBe('none');
  });

  test('the slider says its value, and that changes wait for the next reading', async () => {
    await open();
    await page.getByLabel('Words per second').fill('33');
    expect(await page.locator('#shown').textContent()).toBe('33');
    expect(await page.locator('#hint').getAttribute('hidden')).toBe('');
    await read('whole', 5);
    await inState('reading');
    expect(await page.locator('#hint').getAttribute('hidden')).toBeNull();
  });

  test('when the server of the example is gone, the page says so', async () => {
    const other = await serveExample();
    await open();
    await page.goto(other.url);
    await other.stop();
    await read('whole', 60);
    await inState('failed');
    expect(await page.locator('#failure').textContent()).toMatch(/^The example's server is gone; start it again\./);
  });
});

describe('by keyboard and ear', () => {
  test('focus stays on the one button while it starts and stops, and Escape stops', async () => {
    await open();
    await read('whole', 5);
    await inState('reading');
    expect(await focused()).toBe('toggle');
    await page.evaluate("document.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }))");
    await inState('stopped');
    expect(await focused()).toBe('toggle');
  });

  test('a screen reader is told of the start and the end, not of each word', async () => {
    await open();
    await page.evaluate(`
      globalThis.announced = [];
      new MutationObserver(() => announced.push(document.querySelector('#status').textContent))
        .observe(document.querySelector('#status'), { childList: true, characterData: true, subtree: true });
    `);
    await read('whole', 60);
    await inState('whole');
    expect(await page.evaluate('announced')).toEqual([
      'Asking the function …',
      'Reading',
      'Complete: the function confirmed all 145 words',
    ]);
  });
});

describe('on a phone', () => {
  test('the button and the status stay in sight while the text grows', async () => {
    await open({ viewport: PHONE });
    await read('whole', 60);
    // Not for the state `reading`: it may be over before it is looked for.
    await page.waitForFunction("document.querySelector('#words').textContent.split(' ').length > 80");
    await page.evaluate('scrollTo(0, document.body.scrollHeight)');
    const box = await page.evaluate<{ top: number; bottom: number }>(
      "(({ top, bottom }) => ({ top, bottom }))(document.querySelector('#status').getBoundingClientRect())",
    );
    expect(box.top).toBeGreaterThanOrEqual(0);
    expect(box.bottom).toBeLessThanOrEqual(PHONE.height);
    const wide = await page.evaluate<number>('document.documentElement.scrollWidth');
    expect(wide).toBeLessThanOrEqual(PHONE.width);
  });
});

describe('axe-core finds nothing', () => {
  const axe = readFileSync(join(__dirname, '../../compat/browser/node_modules/axe-core/axe.min.js'), 'utf8');

  test.each<[string, object]>([
    ['light', { colorScheme: 'light' }],
    ['dark', { colorScheme: 'dark' }],
    ['forced colors', { forcedColors: 'active' }],
    ['a phone', { viewport: PHONE }],
  ])('in %s, idle, complete and failed', async (_, options) => {
    await open(options);
    await page.evaluate(axe);
    const findings = () =>
      page.evaluate<string[]>(
        "axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).join()))",
      );
    expect(await findings()).toEqual([]);
    await read('whole', 60);
    await inState('whole');
    expect(await findings()).toEqual([]);
    await read('refused', 60);
    await inState('failed');
    expect(await findings()).toEqual([]);
  });

  test('in forced colors the button has the text color of buttons', async () => {
    await open({ forcedColors: 'active' });
    const [text, background] = await page.evaluate<[string, string]>(
      "(({ color, backgroundColor }) => [color, backgroundColor])(getComputedStyle(document.querySelector('#toggle')))",
    );
    expect(text).not.toBe(background);
  });
});
