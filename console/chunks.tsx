/** The chunks as they were sent: when, how long after the one before, how large, and what. */
import type { Call, Piece } from './calls';
import { byteCount, ms } from './format';

/** Rows beyond these would make the page slow, and nobody reads them. */
const SHOWN = 400;

export function Chunks({ call }: { readonly call: Call }) {
  const { acceptedAt, pieces } = call;
  const left = Math.max(pieces.length - SHOWN, 0);
  const shown = pieces.slice(left);
  return (
    <section aria-label="Chunks">
      <h3>Chunks</h3>
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
                <td class="number">{ms(piece.at - (pieces[left + index - 1]?.at ?? acceptedAt))}</td>
                <td class="number">{byteCount(piece.bytes)}</td>
                <td class="content">{contentOf(piece)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function contentOf({ text, base64 }: Piece): string {
  if (text !== undefined) return text.length > 200 ? `${text.slice(0, 200)}…` : text;
  return base64 === undefined ? '' : `base64 ${base64.slice(0, 60)}`;
}
