/** Finds the Python that runs functions of a runtime such as `python3.13`. */
import { spawnSync } from 'node:child_process';

export interface Python {
  readonly executable: string;
  /** Major and minor, for example `3.13`. */
  readonly version: string;
  /** AWS's runtime interface client for Python is installed there (https://github.com/aws/aws-lambda-python-runtime-interface-client). */
  readonly hasAwsClient: boolean;
}

/** By runtime and `PATH`: asking costs a process. */
const known = new Map<string, Python | undefined>();

/** The one on `PATH` that has the version of the runtime, else `python3`; undefined where there is none. */
export function pythonFor(runtime: string): Python | undefined {
  const key = `${runtime} ${process.env['PATH']}`;
  if (!known.has(key)) {
    const candidates = [runtime, 'python3', 'python'];
    known.set(
      key,
      candidates.map(ask).find((found) => found !== undefined),
    );
  }
  return known.get(key);
}

const QUESTION = `
import importlib.util, json, sys
assert sys.version_info >= (3, 8)
print(json.dumps([sys.executable, "%d.%d" % sys.version_info[:2], importlib.util.find_spec("awslambdaric") is not None]))`;
/** A start from a cold disk takes a second; what takes longer is no Python. */
const PATIENCE_MS = 10_000;

function ask(name: string): Python | undefined {
  // Packages that only this process would find are none of the function's.
  const env = { ...process.env, PYTHONPATH: undefined };
  const { status, stdout } = spawnSync(name, ['-c', QUESTION], { encoding: 'utf8', env, timeout: PATIENCE_MS });
  if (status !== 0) return undefined;
  const [executable, version, hasAwsClient] = JSON.parse(stdout) as [string, string, boolean];
  return { executable, version, hasAwsClient };
}
