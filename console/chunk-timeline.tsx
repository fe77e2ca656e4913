/** When the bytes came: a bar where some came, a line for their sum, the longest silence, and where the pointer is. */
import { useRef, useState } from 'preact/hooks';
import { type Call, type Piece, stateOf } from './calls';
import { byteCount, ms } from './format';

const WIDTH = 1_000;
const HEIGHT = 130;
const BOTTOM = 110;
const TOP = 10;
const COLUMNS = 500;
/** A silence is worth a mark from this part of the whole on. */
const LONG_GAP = 0.1;

export function ChunkTimeline({ call, now }: { readonly call: Call; readonly now: number }) {
  const { acceptedAt, ended, pieces, bytes } = call;
  const [pointed, point] = useState<number | undefined>(undefined);
  const place = useRef<SVGSVGElement>(null);
  const whole = Math.max((ended?.at ?? now) - acceptedAt, 1);
  const x = (at: number) => ((at - acceptedAt) / whole) * WIDTH;
  const sums = columnsOf(pieces, acceptedAt, whole);
  const most = Math.max(...sums, 1);
  const gap = longestGap(pieces);
  const near = pointed === undefined ? undefined : nearest(pieces, acceptedAt + (pointed / WIDTH) * whole);
  const state = stateOf(call);
  return (
    <section aria-label="Timeline of the stream" class="timeline">
      <svg
        ref={place}
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={describe(call, whole, gap)}
        onPointerMove={(event) => {
          const box = place.current?.getBoundingClientRect();
          if (box !== undefined) point(((event.clientX - box.left) / box.width) * WIDTH);
        }}
        onPointerLeave={() => point(undefined)}
      >
        <path class="axis" d={`M0 ${BOTTOM}H${WIDTH}`} />
        {gap !== undefined && gap.to - gap.from > whole * LONG_GAP && (
          <rect class="gap" x={x(gap.from)} y={TOP} width={x(gap.to) - x(gap.from)} height={BOTTOM - TOP} />
        )}
        <path
          class="bars"
          d={sums
            .map((sum, at) =>
              sum === 0
                ? ''
                : `M${(at + 0.5) * (WIDTH / COLUMNS)} ${BOTTOM}v-${Math.max((sum / most) * (BOTTOM - TOP), 2)}`,
            )
            .join('')}
        />
        <path class="sum" d={sumPath(pieces, bytes, x)} />
        {ended !== undefined && <path class={`end ${state}`} d={`M${WIDTH - 1} ${TOP}V${BOTTOM}`} />}
        {near !== undefined && <path class="pointer" d={`M${x(near.at)} ${TOP}V${BOTTOM}`} />}
      </svg>
      <p class="ticks" aria-hidden="true">
        {[0, 0.25, 0.5, 0.75, 1].map((part) => (
          <span key={part}>{part === 0 ? '0' : ms(part * whole)}</span>
        ))}
      </p>
      <p class="reading" aria-hidden="true">
        {near === undefined
          ? describe(call, whole, gap)
          : `${ms(near.at - acceptedAt)}: ${byteCount(near.bytes)}, chunk ${pieces.indexOf(near) + 1} of ${pieces.length}`}
      </p>
    </section>
  );
}

function columnsOf(pieces: readonly Piece[], start: number, whole: number): readonly number[] {
  const sums = new Array<number>(COLUMNS).fill(0);
  for (const { at, bytes } of pieces) {
    const column = Math.min(Math.max(Math.floor(((at - start) / whole) * COLUMNS), 0), COLUMNS - 1);
    sums[column] = (sums[column] ?? 0) + bytes;
  }
  return sums;
}

function sumPath(pieces: readonly Piece[], bytes: number, x: (at: number) => number): string {
  if (bytes === 0) return '';
  let sum = 0;
  const steps = pieces.map((piece) => {
    sum += piece.bytes;
    return `H${x(piece.at).toFixed(1)}V${(BOTTOM - (sum / bytes) * (BOTTOM - TOP)).toFixed(1)}`;
  });
  return `M0 ${BOTTOM}${steps.join('')}H${WIDTH}`;
}

interface Gap {
  readonly from: number;
  readonly to: number;
}

/** Between two chunks. */
function longestGap(pieces: readonly Piece[]): Gap | undefined {
  let longest: Gap | undefined;
  for (const [index, { at: to }] of pieces.entries()) {
    const from = pieces[index - 1]?.at;
    if (from !== undefined && to - from > (longest === undefined ? 0 : longest.to - longest.from))
      longest = { from, to };
  }
  return longest;
}

function nearest(pieces: readonly Piece[], at: number): Piece | undefined {
  let found: Piece | undefined;
  for (const piece of pieces) {
    if (found === undefined || Math.abs(piece.at - at) < Math.abs(found.at - at)) found = piece;
  }
  return found;
}

function describe({ acceptedAt, pieces, bytes }: Call, whole: number, gap: Gap | undefined): string {
  const [first] = pieces;
  if (first === undefined) return 'no byte yet';
  const rate = whole > 0 ? `, ${byteCount(Math.round((bytes / whole) * 1_000))}/s` : '';
  const silence = gap === undefined ? '' : `, longest silence ${ms(gap.to - gap.from)}`;
  return `first byte after ${ms(first.at - acceptedAt)}, ${byteCount(bytes)}${rate}${silence}`;
}
