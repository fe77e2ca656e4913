import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startLocal } from 'cdk-lambda-streaming/local';

const root = join(__dirname, '../..');
const apps = readdirSync(join(root, 'integ')).filter((file) => /^integ\..*\.ts$/.test(file));

describe('the apps under integ/', () => {
  test.each(apps)('%s deploys, deploys again without a change, and goes', async (app) => {
    const outdir = mkdtempSync(join(tmpdir(), 'integ-app-'));
    const local = await startLocal();
    try {
      const args = ['--import', 'tsx', join(root, 'integ', app)];
      const env = { ...process.env, CDK_OUTDIR: outdir, TSX_TSCONFIG_PATH: join(root, 'test/tsconfig.json') };
      execFileSync(process.execPath, args, { cwd: root, env, stdio: 'pipe' });
      const first = await local.deploy(outdir);
      expect(first.stacks.length).toBeGreaterThan(0);
      // What the local target leaves out it says with the word 'here', what the app says names its construct; everything else is known.
      expect(first.warnings.filter((text) => !/\bhere\b|^\[/.test(text))).toEqual([]);
      const second = await local.deploy(outdir);
      expect(second.stacks.map(({ status }) => status)).toEqual(second.stacks.map(() => 'unchanged'));
      await local.destroy();
    } finally {
      await local.stop();
      rmSync(outdir, { recursive: true, force: true });
    }
  });
});
