/** The integ app with a web server in Python, on the local target, which plays the web adapter. Skipped where there is no Python. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { streamContract } from 'cdk-lambda-streaming/contract';
import { streamFetcher } from 'cdk-lambda-streaming/fetcher';
import { startLocal } from 'cdk-lambda-streaming/local';

const root = join(__dirname, '../..');
const hasPython = spawnSync('python3', ['--version']).status === 0;

(hasPython ? test : test.skip)('a server in Python streams line by line from its URL', async () => {
  const outdir = mkdtempSync(join(tmpdir(), 'web-adapter-python-'));
  const local = await startLocal();
  try {
    const env = { ...process.env, CDK_OUTDIR: outdir, TSX_TSCONFIG_PATH: join(root, 'test/tsconfig.json') };
    const args = ['--import', 'tsx', join(root, 'integ/integ.web-adapter.ts')];
    execFileSync(process.execPath, args, { cwd: root, env, stdio: 'pipe' });
    expect((await local.deploy(outdir)).warnings).toEqual([]);
    const { WebUrl = '', CallerArn = '' } = local.outputs('StreamWebAdapter');
    const fetcher = streamFetcher(streamContract({ format: 'text' }), {
      url: WebUrl,
      sign: local.sign({ as: CallerArn }),
    });
    const pieces: string[] = [];
    for await (const piece of await fetcher.invoke({})) pieces.push(piece);
    expect(pieces.join('').split('\n')).toHaveLength(21);
    // It takes two seconds for its lines; a client that stood still for that long would have them in one piece.
    expect(pieces.length).toBeGreaterThan(1);
  } finally {
    await local.stop();
    rmSync(outdir, { recursive: true, force: true });
  }
});
