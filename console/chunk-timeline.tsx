/** When the bytes came: a bar where some came, a line for their sum, the longest silence, and what the pointer is at. */
import { useRef, useState } from 'preact/hooks';
import { type Call, endOf, type Piece } from './calls';
import { byteCount, ms, plural } from './format';
import { stateOf } from './state';

const WIDTH = 1_000;
const HEIGHT = 132;
const BOTTOM = 131;
const TOP = 6;
/** Bars that can be told from each other. */
const COLUMNS = 400;
/** A silence is worth a mark from this part of the whole on. */
const LONG_GAP = 0.1;
const QUARTERS = [0.25, 0.5, 0.75];

export function ChunkTimeline({ call, now }: { readonly call: Call; readonly now: number }) {
  const { acceptedAt, ended, pieces, bytes } = call;
  const [pointed, point] = useState<number | undefined>(undefined);
  const place = useRef<SVGSVGElement>(null);
  // That of the phases above.
  const whole = Math.max(endOf(call, now) - acceptedAt, 1);
  const endAt = ended?.at ?? now;
  const x = (at: number) => Math.round(((at - acceptedAt) / whole) * WIDTH * 10) / 10;
  const sums = columnsOf(pieces, acceptedAt, whole);
  const most = Math.max(...sums, 1);
  const gap = longestGap(pieces);
  const isLong = gap !== undefined && gap.to - gap.from > whole * LONG_GAP;
  const near = pointed === undefined ? undefined : nearest(pieces, acceptedAt + (pointed / WIDTH) * whole);
  const state = stateOf(call);
  const [first] = pieces;
  return (
    <section aria-label="Timeline of the stream" class="timeline">
      <p class="legend" aria-hidden="true">
        {near === undefined ? (
          <>
            <span>
              <i class="stream" />
              bytes, at most <b>{byteCount(most)}</b>
            </span>
            <span>
              <i class="authorize" />
              their sum, <b>{byteCount(bytes)}</b> in <b>{plural(pieces.length, 'piece')}</b>
            </span>
            {first !== undefined && (
              <span>
                <i class="first-byte" />
                first byte after <b>{ms(first.at - acceptedAt)}</b>
              </span>
            )}
            {gap !== undefined && (
              <span>
                longest silence <b>{ms(gap.to - gap.from)}</b>
              </span>
            )}
          </>
        ) : (
          <span>
            piece <b>{pieces.indexOf(near) + 1}</b> of {pieces.length} after <b>{ms(near.at - acceptedAt)}</b>:{' '}
            <b>{byteCount(near.bytes)}</b>
          </span>
        )}
      </p>
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
        <path class="grid" d={QUARTERS.map((part) => `M${part * WIDTH} ${TOP}V${BOTTOM}`).join('')} />
        {isLong && <rect class="gap" x={x(gap.from)} y={TOP} width={x(gap.to) - x(gap.from)} height={BOTTOM - TOP} />}
        <path class="axis" d={`M0 ${BOTTOM}H${WIDTH}`} />
        <path class="bars" d={barsPath(sums, most)} />
        <path class="sum" d={sumPath(sums, bytes, x(endAt))} />
        {first !== undefined && <path class="mark" d={`M${x(first.at)} ${TOP}V${BOTTOM}`} />}
        {state !== 'running' && (
          <path
            class={`mark ${state === 'whole' ? 'good' : 'bad'}`}
            d={`M${Math.min(x(endAt), WIDTH - 1)} ${TOP}V${BOTTOM}`}
          />
        )}
        {near !== undefined && <path class="pointer" d={`M${x(near.at)} ${TOP}V${BOTTOM}`} />}
      </svg>
      <p class="ticks" aria-hidden="true">
        {[0, ...QUARTERS, 1].map((part) => (
          <span key={part}>{part === 0 ? '0' : ms(part * whole)}</span>
        ))}
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

function barsPath(sums: readonly number[], most: number): string {
  return sums
    .flatMap((sum, at) => {
      const height = Math.max((sum / most) * (BOTTOM - TOP), 2);
      return sum === 0 ? [] : [`M${(at + 0.5) * (WIDTH / COLUMNS)} ${BOTTOM}v-${height.toFixed(1)}`];
    })
    .join('');
}

/** Steps, as the sum grows where bytes came and not between. */
function sumPath(sums: readonly number[], bytes: number, end: number): string {
  if (bytes === 0) return '';
  let sum = 0;
  const steps = sums.flatMap((more, at) => {
    if (more === 0) return [];
    sum += more;
    const height = (sum / bytes) * (BOTTOM - TOP);
    return [`H${(at + 0.5) * (WIDTH / COLUMNS)}V${(BOTTOM - height).toFixed(1)}`];
  });
  return `M0 ${BOTTOM}${steps.join('')}H${end}`;
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
    if (from === undefined) continue;
    if (longest === undefined || to - from > longest.to - longest.from) longest = { from, to };
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
  const silence = gap === undefined ? '' : `, longest silence ${ms(gap.to - gap.from)}`;
  const rest = `${byteCount(bytes)} in ${plural(pieces.length, 'piece')} within ${ms(whole)}`;
  return `first byte after ${ms(first.at - acceptedAt)}, ${rest}${silence}`;
}
