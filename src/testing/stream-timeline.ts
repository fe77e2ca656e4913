/** A picture of a stream: when its chunks came, how large they were, and how it ended, as SVG. */

/** A chunk, or a piece of payload. */
export interface TimelineChunk {
  /** Milliseconds since the invocation began. */
  readonly atMs: number;
  readonly bytes: number;
}

/** What a timeline shows. */
export interface StreamTimelineProps {
  /** In the order they came. */
  readonly chunks: readonly TimelineChunk[];
  /** Milliseconds from the beginning of the invocation to the end of the stream. */
  readonly totalMs: number;
  /** @default 'Response stream' */
  readonly title?: string;
  /** Why the stream failed. @default - it did not */
  readonly error?: string;
}

const WIDTH = 800;
const HEIGHT = 260;
const PLOT = { left: 56, right: 784, top: 48, bottom: 216 } as const;
/** Bars that can be told from each other: chunks that come closer together share one. */
const COLUMNS = 364;
const TICKS = 6;

/**
 * The stream as a standalone SVG document: a bar where bytes came, as high as they were many, and a line for their sum. It
 * takes the reader's light or dark colours, and says in words what it shows, for those who do not see it.
 */
export function streamTimeline({ chunks, totalMs, title = 'Response stream', error }: StreamTimelineProps): string {
  const end = Math.max(totalMs, chunks.at(-1)?.atMs ?? 0, 1);
  const bytes = chunks.reduce((sum, chunk) => sum + chunk.bytes, 0);
  const columns = bytesByColumn(chunks, end, COLUMNS);
  const description = describeStream(chunks, bytes, totalMs, error);
  const most = Math.max(...columns, 1);
  const bars = columns.flatMap((value, at) => {
    if (value === 0) return [];
    const height = Math.max((value / most) * (PLOT.bottom - PLOT.top), 1);
    const x = PLOT.left + (at * (PLOT.right - PLOT.left)) / COLUMNS;
    return [`M${round(x)} ${PLOT.bottom}v-${round(height)}`];
  });
  const x = (ms: number) => round(PLOT.left + (ms / end) * (PLOT.right - PLOT.left));
  const y = (sum: number) => round(PLOT.bottom - (sum / Math.max(bytes, 1)) * (PLOT.bottom - PLOT.top));
  const step = niceStep(end / TICKS);
  const ticks = Array.from({ length: Math.floor(end / step) + 1 }, (_, at) => at * step);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-labelledby="title description">
<title id="title">${escaped(title)}</title>
<desc id="description">${escaped(description)}</desc>
<style>
  svg { background: #fff; font: 12px system-ui, sans-serif; }
  text { fill: #24292f; } .small { fill: #57606a; }
  .axis { stroke: #8c959f; } .bars { stroke: #0969da; } .sum { stroke: #8250df; fill: none; } .failed { stroke: #cf222e; fill: #cf222e; }
  @media (prefers-color-scheme: dark) {
    svg { background: #0d1117; }
    text { fill: #e6edf3; } .small { fill: #9198a1; }
    .axis { stroke: #656c76; } .bars { stroke: #4493f8; } .sum { stroke: #ab7df8; } .failed { stroke: #f85149; fill: #f85149; }
  }
</style>
<text x="${PLOT.left}" y="20" font-weight="600">${escaped(title)}</text>
<text x="${PLOT.left}" y="38" class="small">${escaped(description)}</text>
<path class="axis" d="M${PLOT.left} ${PLOT.bottom}H${PLOT.right}"/>
${ticks.map((ms) => `<path class="axis" d="M${x(ms)} ${PLOT.bottom}v4"/><text class="small" x="${x(ms)}" y="${PLOT.bottom + 18}" text-anchor="middle">${timeLabel(ms, step)}</text>`).join('\n')}
<text class="small" x="${PLOT.left - 6}" y="${PLOT.top + 4}" text-anchor="end">${byteLabel(most)}</text>
<path class="bars" stroke-width="2" d="${bars.join('')}"/>
<path class="sum" stroke-width="1.5" d="${sumLine(columns, bytes, x, y, end)}"/>
${error === undefined ? '' : `<path class="failed" stroke-width="2" d="M${x(end)} ${PLOT.top}V${PLOT.bottom}"/>`}
<text class="small" x="${PLOT.left}" y="${HEIGHT - 8}">bars: bytes as they came; line: their sum</text>
</svg>
`;
}

/** The same in one line of text: eight heights, as many columns as asked for. */
export function sparkline(chunks: readonly TimelineChunk[], totalMs: number, columns: number): string {
  const values = bytesByColumn(chunks, Math.max(totalMs, 1), columns);
  const most = Math.max(...values, 1);
  return values.map((value) => (value === 0 ? ' ' : '▁▂▃▄▅▆▇█'[Math.ceil((value / most) * 8) - 1])).join('');
}

function bytesByColumn(chunks: readonly TimelineChunk[], end: number, columns: number): number[] {
  const sums = new Array<number>(columns).fill(0);
  for (const { atMs, bytes } of chunks) {
    const at = Math.min(Math.max(Math.floor((atMs / end) * columns), 0), columns - 1);
    sums[at] = (sums[at] ?? 0) + bytes;
  }
  return sums;
}

function describeStream(
  chunks: readonly TimelineChunk[],
  bytes: number,
  totalMs: number,
  error: string | undefined,
): string {
  const [first] = chunks;
  const begun = first === undefined ? 'no byte came' : `the first after ${Math.round(first.atMs)} ms`;
  const count = `${chunks.length} ${chunks.length === 1 ? 'piece' : 'pieces'}, ${byteLabel(bytes)}`;
  const ended = error === undefined ? `end after ${Math.round(totalMs)} ms` : `failed after ${Math.round(totalMs)} ms`;
  return `${count}; ${begun}, ${ended}${error === undefined ? '' : `: ${error.slice(0, 80)}`}`;
}

/** Steps, as the sum grows at a column and not between. */
function sumLine(
  columns: readonly number[],
  bytes: number,
  x: (ms: number) => number,
  y: (sum: number) => number,
  end: number,
): string {
  if (bytes === 0) return '';
  let sum = 0;
  const steps = columns.flatMap((value, at) => {
    if (value === 0) return [];
    sum += value;
    return [`H${x((at / columns.length) * end)}V${y(sum)}`];
  });
  return `M${x(0)} ${y(0)}${steps.join('')}H${x(end)}`;
}

/** 1, 2 or 5 times a power of ten. */
function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return power * ([1, 2, 5].find((factor) => factor * power >= least) ?? 10);
}

function timeLabel(ms: number, step: number): string {
  if (step >= 1_000) return `${round(ms / 1_000)} s`;
  return `${round(ms)} ms`;
}

function byteLabel(bytes: number): string {
  if (bytes < 1_000) return `${bytes} bytes`;
  return bytes < 1_000_000 ? `${round(bytes / 1_000)} kB` : `${round(bytes / 1_000_000)} MB`;
}

const round = (value: number): number => Math.round(value * 10) / 10;

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Also without the control characters that XML does not have. */
function escaped(text: string): string {
  return [...text]
    .filter((character) => character >= ' ' || character === '\t')
    .map((character) => ENTITIES[character] ?? character)
    .join('');
}
