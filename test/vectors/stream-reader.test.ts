import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const hasPython = spawnSync('python3', ['--version']).status === 0;

(hasPython ? test : test.skip)(
  'the reader in Python agrees with every NDJSON vector, however the bytes are cut',
  () => {
    const { stdout, status } = spawnSync('python3', [join(__dirname, 'stream_reader.py')], { encoding: 'utf8' });
    expect(stdout).toMatch(/^\d{2} cases, 0 wrong\n$/);
    expect(status).toBe(0);
  },
);
