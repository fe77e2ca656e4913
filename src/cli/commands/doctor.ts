/** `doctor`: looks at what the library needs from the machine and the project, and says what to do about what is missing. */
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, sep } from 'node:path';
import { commandToAdd } from '../../local/command-to-add';
import { assetFolder } from '../../local/runtime/runtime-path';
import { loadSdk } from '../caller';
import { type ExitCode, type Terminal, unlessInterrupted } from '../terminal';

export interface DoctorOptions {
  readonly region?: string;
}

interface Finding {
  readonly name: string;
  /** `missing`: not there, which is fine for whoever does not need it. */
  readonly state: 'ok' | 'missing' | 'problem';
  readonly text: string;
}

/** What the optional packages are for. */
const NEEDED_FOR: Readonly<Record<string, string>> = {
  'aws-cdk-lib': 'the constructs',
  constructs: 'the constructs',
  '@aws-sdk/client-lambda': 'the invoker, and invoke',
  '@aws-sdk/client-cloudformation': 'targets that are looked up by a stack',
  '@aws-sdk/client-ssm': 'targets that are looked up by a parameter',
  esbuild: 'entries that are bundled',
};

/** AWS refuses signatures that are older, or younger. https://docs.aws.amazon.com/IAM/latest/UserGuide/signature-v4-troubleshooting.html */
const CLOCK_SKEW_MAX_MS = 5 * 60_000;
/** For what is asked of the network. */
const PATIENCE_MS = 4_000;

interface Manifest {
  readonly version: string;
  readonly engines: { readonly node: string };
  readonly peerDependencies: Readonly<Record<string, string>>;
  /** In a checkout; packing puts them to the others. */
  readonly optionalPeerRanges?: Readonly<Record<string, string>>;
}

export async function run({ region }: DoctorOptions, terminal: Terminal): Promise<ExitCode> {
  const own = JSON.parse(readFileSync(join(__dirname, '../../../package.json'), 'utf8')) as Manifest;
  const peers = Object.entries({ ...own.peerDependencies, ...own.optionalPeerRanges });
  const checks: (() => Finding | Promise<Finding>)[] = [
    () => versionFinding('Node.js', process.versions.node, own.engines.node, 'install a newer one'),
    () => ({ name: 'cdk-lambda-streaming', state: 'ok', text: own.version }),
    ...peers.map(
      ([name, range]) =>
        () =>
          packageFinding(name, range),
    ),
    esbuildFinding,
    runtimeFinding,
    () => callerFinding(region),
    () => clockFinding(region),
  ];
  const findings: Finding[] = [];
  for (const check of checks) {
    const finding = await unlessInterrupted(Promise.resolve(check()), terminal);
    findings.push(finding);
    terminal.line(lineOf(finding, terminal));
  }
  terminal.json({ findings });
  return findings.some(({ state }) => state === 'problem') ? 1 : 0;
}

function lineOf({ name, state, text }: Finding, { colors }: Terminal): string {
  const [mark, color] = { ok: ['✓', colors.green], missing: ['–', colors.yellow], problem: ['✗', colors.red] }[
    state
  ] as [string, (text: string) => string];
  return color(`${mark} ${name}: ${text}`);
}

function versionFinding(name: string, version: string, range: string, advice: string): Finding {
  if (fits(version, range)) return { name, state: 'ok', text: version };
  return { name, state: 'problem', text: `${version} is not ${range}; ${advice}` };
}

function packageFinding(name: string, range: string): Finding {
  const version = installedVersion(name);
  const install = commandToAdd(name, 'code');
  if (version !== undefined) return versionFinding(name, version, range, `${install}@latest`);
  return { name, state: 'missing', text: `not installed; ${NEEDED_FOR[name] ?? 'some parts'} need it: ${install}` };
}

/** The version that code in this folder gets, or else the library, beside which pnpm puts its optional peers. */
function installedVersion(name: string): string | undefined {
  const folder = folderOf(name);
  if (folder === undefined) return undefined;
  return (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }).version;
}

function folderOf(name: string): string | undefined {
  const own = realpathSync(__dirname);
  // In a checkout, what the library is developed with is not what its users have.
  const starts = own.includes(`${sep}node_modules${sep}`) ? [process.cwd(), own] : [process.cwd()];
  return starts
    .flatMap(foldersAbove)
    .map((folder) => join(folder, 'node_modules', name))
    .find((folder) => existsSync(join(folder, 'package.json')));
}

function foldersAbove(folder: string): string[] {
  return folder === dirname(folder) ? [folder] : [folder, ...foldersAbove(dirname(folder))];
}

/** `>= 20.0.0` or `^2.257.0`, which is all that our manifest has. */
function fits(version: string, range: string): boolean {
  const [, operator, least = ''] = /^(>=|\^)\s*([\d.]+)$/.exec(range) ?? [];
  const [have, want] = [version, least].map((text) => text.split('-')[0]?.split('.').map(Number) ?? []);
  const at = want?.findIndex((part, index) => part !== have?.[index]) ?? -1;
  const isNewer = at < 0 || (have?.[at] ?? 0) > (want?.[at] ?? 0);
  return isNewer && (operator !== '^' || have?.[0] === want?.[0]);
}

/** Installed is not enough: npm may have left out the program for this platform. */
function esbuildFinding(): Finding {
  const name = 'esbuild runs';
  const folder = folderOf('esbuild');
  if (folder === undefined) return { name, state: 'missing', text: 'not installed' };
  try {
    const esbuild = createRequire(join(folder, 'package.json'))(folder) as {
      transformSync(code: string): { readonly code: string };
    };
    return { name, state: 'ok', text: esbuild.transformSync('1').code === '1;\n' ? 'yes' : 'yes, with other output' };
  } catch (error) {
    return { name, state: 'problem', text: `no: ${firstLine(error)}; remove node_modules and install again` };
  }
}

function runtimeFinding(): Finding {
  const name = 'runtime client of the local target';
  try {
    return { name, state: 'ok', text: relative(process.cwd(), join(assetFolder('ric'), 'index.mjs')) };
  } catch (error) {
    return { name, state: 'problem', text: firstLine(error) };
  }
}

async function callerFinding(region: string | undefined): Promise<Finding> {
  const name = 'credentials and region';
  if (installedVersion('@aws-sdk/client-lambda') === undefined) {
    return { name, state: 'missing', text: 'not looked for: that takes @aws-sdk/client-lambda' };
  }
  try {
    const { LambdaClient } = await loadSdk();
    const { config } = new LambdaClient(region === undefined ? {} : { region });
    const [credentials, found] = await inTime(Promise.all([config.credentials(), config.region()]));
    const { accessKeyId, expiration } = credentials;
    if (expiration !== undefined && expiration.getTime() < Date.now()) {
      return {
        name,
        state: 'problem',
        text: `${accessKeyId} has expired at ${expiration.toISOString()}; log in again`,
      };
    }
    return { name, state: 'ok', text: `${accessKeyId} in ${found}` };
  } catch (error) {
    return { name, state: 'missing', text: `${firstLine(error)}; calls to AWS need them, the local target does not` };
  }
}

/** By the date in the answer of STS, which answers everybody. */
async function clockFinding(region = process.env['AWS_REGION'] ?? 'us-east-1'): Promise<Finding> {
  const name = 'clock';
  const { AWS_ENDPOINT_URL_STS: own, AWS_ENDPOINT_URL: all } = process.env;
  try {
    const { headers } = await fetch(own ?? all ?? `https://sts.${region}.amazonaws.com`, {
      method: 'HEAD',
      redirect: 'manual',
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const skewMs = Date.now() - Date.parse(headers.get('date') ?? '');
    if (Number.isNaN(skewMs)) return { name, state: 'missing', text: 'not compared: STS sent no date' };
    const seconds = Math.round(Math.abs(skewMs) / 1_000);
    if (Math.abs(skewMs) <= CLOCK_SKEW_MAX_MS) return { name, state: 'ok', text: `within ${seconds + 1} s of AWS` };
    const how = skewMs > 0 ? 'ahead of' : 'behind';
    return { name, state: 'problem', text: `${seconds} s ${how} AWS, which refuses signatures beyond 300 s; set it` };
  } catch (error) {
    return { name, state: 'missing', text: `not compared: STS does not answer (${firstLine(error)})` };
  }
}

async function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${PATIENCE_MS / 1_000} s`)), PATIENCE_MS);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

function firstLine(error: unknown): string {
  const { message } = error as { readonly message?: string };
  return (message ?? String(error)).split('\n')[0] ?? '';
}
