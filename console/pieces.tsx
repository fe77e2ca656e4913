/** The payload in the pieces in which it was sent: when, how long after the one before, how large, and what. */
import type { Call, Piece } from './calls';
import { byteCount, ms } from './format';

/** Rows beyond these would make the page slow, and nobody reads them. */
const SHOWN = 400;
const SHOWN_CHARACTERS = 240;

export function Pieces({ call }: { readonly call: Call }) {
  const { acceptedAt, pieces } = call;
  const left = Math.max(pieces.length - SHOWN, 0);
  const shown = pieces.slice(left);
  const gapBefore = (index: number) => (pieces[index]?.at ?? 0) - (pieces[index - 1]?.at ?? acceptedAt);
  // Five times the usual.
  const gaps = pieces.map((_, index) => gapBefore(index)).sort((a, b) => a - b);
  const long = Math.max((gaps[gaps.length >> 1] ?? 0) * 5, 50);
  return (
    <section aria-label="Payload as it was sent">
      <h3>Payload</h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
      <div class="scroll" tabIndex={0}>
        {left > 0 && <p class="empty">the first {left} are left out</p>}
        <table>
          <thead>
            <tr>
              <th class="number">After</th>
              <th class="number">Gap</th>
              <th class="number">Bytes</th>
              <th>Content</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((piece, index) => (
              <tr key={left + index}>
                <td class="number">{ms(piece.at - acceptedAt)}</td>
                <td class={`number ${gapBefore(left + index) > long ? 'long' : ''}`}>{ms(gapBefore(left + index))}</td>
                <td class="number">{byteCount(piece.bytes)}</td>
                <td class="content">
                  <Content piece={piece} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

/** Line breaks at the end are a part of many formats, and would take a line each. */
function Content({ piece }: { readonly piece: Piece }) {
  const { text, base64 } = piece;
  if (text === undefined) return <>{base64 === undefined ? '' : `base64 ${base64.slice(0, 60)}`}</>;
  const body = text.trimEnd();
  const breaks = text.slice(body.length).replaceAll(/\r?\n/g, '↵');
  return (
    <>
      {body.length > SHOWN_CHARACTERS ? `${body.slice(0, SHOWN_CHARACTERS)}…` : body}
      {breaks !== '' && <span class="break">{breaks}</span>}
    </>
  );
}
