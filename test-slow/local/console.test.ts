/** The console as people use it, in a real Chromium: live, by keyboard, for screen readers, in light and dark. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type LocalTarget, startLocal } from 'cdk-lambda-streaming/local';
import { replayStreams } from 'cdk-lambda-streaming/testing';
import {
  functionResources,
  removeFolders,
  TRUST,
  temporaryFolder,
  writeAssembly,
} from '../../test/local/engine/write-assembly';
import { type Browser, launchChromium, type Page } from '../fetcher/chromium';

const ACCOUNT = '111111111111';
const AXE = join(__dirname, '../../compat/browser/node_modules/axe-core/axe.min.js');

let browser: Browser | undefined;
let local: LocalTarget;
let go: string;

/** The second half waits for the test. */
const CODE = (signal: string) => `
const { existsSync } = require('node:fs');
exports.handler = awslambda.streamifyResponse(async (event, stream) => {
  stream.setContentType('application/x-ndjson');
  console.log('asked for ' + event.word);
  stream.write(JSON.stringify({ word: event.word }) + '\\n');
  while (!existsSync(${JSON.stringify(signal)})) await new Promise((resolve) => setTimeout(resolve, 5));
  stream.end('{"word":"end"}\\n');
});`;

beforeAll(async () => {
  go = join(temporaryFolder(), 'go');
  const launching = launchChromium().catch((error: Error) => {
    console.warn(`skipped: no Chromium starts here: ${error.message}`);
    return undefined;
  });
  const Principal = { AWS: `arn:aws:iam::${ACCOUNT}:root` };
  const trust = { ...TRUST, Statement: [{ Effect: 'Allow', Principal, Action: 'sts:AssumeRole' }] };
  const stranger = {
    Type: 'AWS::IAM::Role',
    Properties: { RoleName: 'Stranger', AssumeRolePolicyDocument: trust },
  };
  local = await startLocal({ console: true });
  // A busy machine may take longer than a function has by default.
  const chat = functionResources({ FunctionName: 'chat', Timeout: 900, Code: { ZipFile: CODE(go) } });
  const Resources = { ...chat, Stranger: stranger, ...longNames(chat) };
  await local.deploy(writeAssembly({ One: { account: ACCOUNT, region: 'eu-west-1', template: { Resources } } }));
  browser = await launching;
});

/** A function whose name and path are as long as they may be, with a URL for everybody. */
function longNames({ Fn }: ReturnType<typeof functionResources>): object {
  const { Properties } = Fn as { readonly Properties: object };
  const ids = ['ADeeplyNestedConstruct', 'WithAVeryLongIdThatGoesOnAndOn', 'UntilItDoesNotFit', 'Handler'];
  const may = (Action: string, more: object) => ({
    Type: 'AWS::Lambda::Permission',
    Properties: { FunctionName: { Ref: 'Long' }, Action, Principal: '*', ...more },
  });
  return {
    Long: {
      Type: 'AWS::Lambda::Function',
      Metadata: { 'aws:cdk:path': `One/${ids.join('/')}/Resource` },
      Properties: { ...Properties, FunctionName: 'a-name-as-long-as-lambda-takes-it-'.repeat(2).slice(0, 64) },
    },
    Url: {
      Type: 'AWS::Lambda::Url',
      Properties: {
        TargetFunctionArn: { 'Fn::GetAtt': ['Long', 'Arn'] },
        AuthType: 'NONE',
        InvokeMode: 'RESPONSE_STREAM',
      },
    },
    UrlMay: may('lambda:InvokeFunctionUrl', { FunctionUrlAuthType: 'NONE' }),
    LongMay: may('lambda:InvokeFunction', { InvokedViaFunctionUrl: true }),
  };
}

afterAll(async () => {
  await browser?.close();
  await local?.stop();
  removeFolders();
});

/** A browser may lose a page on a busy machine: it is opened once more then, and what was seen is said. */
async function open(options: object = {}): Promise<{ readonly page: Page; readonly problems: string[] }> {
  const first = await openOnce(options, 90_000);
  if (!('lost' in first)) return first;
  process.stderr.write(`the console showed no form and is opened again: ${first.lost}\n`);
  const second = await openOnce(options, 200_000);
  if ('lost' in second) throw new Error(`the console shows no form: ${second.lost}`);
  return second;
}

async function openOnce(
  options: object,
  patienceMs: number,
): Promise<{ readonly page: Page; readonly problems: string[] } | { readonly lost: string }> {
  const page = await (browser as Browser).newPage(options);
  const problems: string[] = [];
  page.on('pageerror', ({ message = '' }) => problems.push(message));
  page.on('console', (said) => {
    if (said.type?.() === 'error') problems.push(said.text?.() ?? '');
  });
  page.setDefaultTimeout(patienceMs);
  try {
    await page.goto(local.consoleUrl ?? '');
    await page.getByRole('button', { name: /^Call Ctrl/ }).waitFor();
  } catch (error) {
    return { lost: `${(error as Error).message}; ${problems.join('; ')}` };
  }
  page.setDefaultTimeout(300_000);
  return { page, problems };
}

const announced = (page: Page, text: string) => page.locator('#announcer', { hasText: text }).waitFor();

test('a stream is seen while it runs, by keyboard; its end is said; a refusal is explained; a cassette plays again', async () => {
  if (browser === undefined) return;
  rmSync(go, { force: true });
  const { page, problems } = await open();
  await page.getByLabel('Payload', { exact: true }).fill('{ "word": "tea" }');
  await page.keyboard.press('Control+Enter');
  await page.locator('tbody .content', { hasText: '{"word":"tea"}↵' }).waitFor();
  await page.locator('.log', { hasText: 'asked for tea' }).waitFor();
  expect(await page.locator('.state.running').count()).toBe(2);
  expect(await page.locator('#announcer').textContent()).toBe('');
  writeFileSync(go, '');
  await announced(page, 'Fn complete after');
  expect(await page.locator('#announcer').textContent()).toMatch(/^Fn complete after [\d.]+ m?s; 2 pieces, 30 B$/);
  await page.getByRole('img', { name: /^first byte after .* 30 B in 2 pieces/ }).waitFor();

  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Save as cassette' }).click(),
  ]);
  const replay = await replayStreams(await renamed(await download.path()), { speed: 100 });
  expect(await (await fetch(replay.url)).text()).toBe('{"word":"tea"}\n{"word":"end"}\n');
  await replay.stop();

  await page.getByLabel('As', { exact: true }).selectOption(`arn:aws:iam::${ACCOUNT}:role/Stranger`);
  await page.getByRole('button', { name: /^Call Ctrl/ }).click();
  await announced(page, 'Fn refused after');
  await page
    .locator('.missing', { hasText: `Missing in an identity-based policy of arn:aws:iam::${ACCOUNT}:role/Stranger` })
    .waitFor();

  await page.locator('tr[aria-selected="true"] button').focus();
  await page.keyboard.press('ArrowDown');
  await page.getByRole('article', { name: 'Call of Fn, complete' }).waitFor();
  expect(problems).toEqual([]);
  await page.close();
});

/** Playwright gives the file a name of its own. */
async function renamed(path: string): Promise<string> {
  const file = join(temporaryFolder(), 'chat.stream.jsonl');
  writeFileSync(file, readFileSync(path));
  return file;
}

test.each(['light', 'dark'])('in %s, axe-core finds nothing, also on a phone', async (colorScheme) => {
  if (browser === undefined) return;
  if (!existsSync(go)) writeFileSync(go, '');
  // The page's own policy keeps axe-core out.
  const { page } = await open({ colorScheme, bypassCSP: true, viewport: { width: 1280, height: 800 } });
  await page.getByRole('button', { name: /^ADeeplyNestedConstruct/ }).focus();
  await page.keyboard.press('Enter');
  await page.getByLabel('Through', { exact: true }).selectOption('0');
  await page.getByLabel('Path', { exact: true }).fill(`/${'long-path-'.repeat(20)}?q=${'q'.repeat(200)}`);
  await page.getByLabel('Headers', { exact: true }).fill(`x-own: ${'value'.repeat(40)}`);
  await page.keyboard.press('Control+Enter');
  await announced(page, 'Handler complete after');
  const width = () => page.evaluate('document.documentElement.scrollWidth');
  expect(await width()).toBe(1280);
  // What calls is in sight, however long the form is.
  const button = "document.querySelector('.primary').getBoundingClientRect().bottom <= innerHeight";
  expect(await page.evaluate(button)).toBe(true);
  await page.evaluate(readFileSync(AXE, 'utf8'));
  const find = () =>
    page.evaluate<readonly string[]>(
      "axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).join(' | ')))",
    );
  expect(await find()).toEqual([]);
  await page.setViewportSize({ width: 360, height: 740 });
  expect(await find()).toEqual([]);
  expect(await width()).toBeLessThanOrEqual(360);
  await page.close();
});
