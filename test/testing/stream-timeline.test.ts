import { streamTimeline } from 'cdk-lambda-streaming/testing';
import { sparkline } from '../../src/testing/stream-timeline';

const chunks = [
  { atMs: 100, bytes: 1_000 },
  { atMs: 150, bytes: 500 },
  { atMs: 390, bytes: 2_000 },
];

test('says in words what it shows', () => {
  const svg = streamTimeline({ chunks, totalMs: 400 });
  expect(svg).toContain('role="img" aria-labelledby="title description"');
  expect(svg).toContain('<title id="title">Response stream</title>');
  expect(svg).toContain('<desc id="description">3 pieces, 3.5 kB; the first after 100 ms, end after 400 ms</desc>');
});

test('draws a bar for each chunk, where and as high as it came', () => {
  const svg = streamTimeline({ chunks, totalMs: 400 });
  const [, bars = ''] = /class="bars"[^>]* d="([^"]*)"/.exec(svg) ?? [];
  const drawn = [...bars.matchAll(/M([\d.]+) 216v-([\d.]+)/g)].map(([, x, height]) => [Number(x), Number(height)]);
  expect(drawn.length).toBe(3);
  const [first, second, third] = drawn;
  // The plot is 728 wide from 56 on, and 168 high.
  expect(first?.[0]).toBeCloseTo(56 + 728 / 4, 0);
  expect([first?.[1], second?.[1], third?.[1]]).toEqual([84, 42, 168]);
});

test('shows the time as it is best read', () => {
  const labels = (totalMs: number) =>
    [...streamTimeline({ chunks, totalMs }).matchAll(/>([\d.]+ m?s)</g)].map(([, label]) => label);
  expect(labels(400)).toEqual(['0 ms', '100 ms', '200 ms', '300 ms', '400 ms']);
  expect(labels(90_000)).toEqual(['0 s', '20 s', '40 s', '60 s', '80 s']);
});

test('has colours for light and for dark', () => {
  expect(streamTimeline({ chunks, totalMs: 1 })).toContain('@media (prefers-color-scheme: dark)');
});

test('marks a stream that failed', () => {
  expect(streamTimeline({ chunks, totalMs: 400, error: 'cut & <gone>' })).toContain(
    'failed after 400 ms: cut &amp; &lt;gone&gt;</desc>',
  );
  expect(streamTimeline({ chunks, totalMs: 400, error: 'x' })).toContain('<path class="failed"');
  expect(streamTimeline({ chunks, totalMs: 400 })).not.toContain('<path class="failed"');
});

test('is XML whatever the title is', () => {
  const svg = streamTimeline({ chunks, totalMs: 400, title: 'a\u0000<b>&"\u001b' });
  expect(svg).toContain('<title id="title">a&lt;b&gt;&amp;&quot;</title>');
});

test.each([
  ['nothing came', []],
  ['all came at once', [{ atMs: 0, bytes: 5 }]],
  ['more came than there is room for', Array.from({ length: 100_000 }, (_, at) => ({ atMs: at, bytes: 1 }))],
])('%s: finite numbers, and a document of moderate size', (_, some) => {
  const svg = streamTimeline({ chunks: some, totalMs: 0 });
  expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  expect(svg.length).toBeLessThan(30_000);
});

test('in one line of text', () => {
  expect(sparkline(chunks, 400, 8)).toBe('  ▄▂   █');
  expect(sparkline([], 400, 4)).toBe('    ');
});
