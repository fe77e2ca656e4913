/** Every TypeScript block in the pages about constructs compiles, in the surroundings that examples of constructs have. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ts from 'typescript';

const ROOT = join(__dirname, '../..');
const PAGES = ['doors.md', 'checks.md'];

/** The code blocks of a page. */
function blocksOf(page: string): string[] {
  const text = readFileSync(join(ROOT, 'docs', page), 'utf8');
  return [...text.matchAll(/^```typescript\n(.*?)^```$/gms)].map(([, code]) => code ?? '');
}

test('every block compiles', () => {
  const fixture = readFileSync(join(ROOT, 'rosetta/default.ts-fixture'), 'utf8');
  const folder = mkdtempSync(join(ROOT, 'test-slow/constructs/.docs-'));
  try {
    const files = PAGES.flatMap((page) =>
      blocksOf(page).map((code, index) => {
        const file = join(folder, `${page}-${index + 1}.ts`);
        const [declarations, rest] = [/^declare .*$/gm, /^(?!declare ).*$/gm].map(
          (lines) => code.match(lines)?.join('\n') ?? '',
        );
        writeFileSync(file, `${declarations}\n${fixture.replace('/// here', rest ?? '')}`);
        return file;
      }),
    );
    expect(files.length).toBeGreaterThan(6);
    const { config } = ts.readConfigFile(join(ROOT, 'test/tsconfig.json'), ts.sys.readFile);
    const { options } = ts.parseJsonConfigFileContent(config, ts.sys, join(ROOT, 'test'));
    const program = ts.createProgram(files, { ...options, noUnusedLocals: false, noUnusedParameters: false });
    const problems = files
      .flatMap((file) => ts.getPreEmitDiagnostics(program, program.getSourceFile(file)))
      .map(
        ({ file, messageText }) =>
          `${file?.fileName.slice(folder.length + 1)}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`,
      );
    expect(problems).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 120_000);
