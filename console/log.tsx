/** What the function and the platform logged during the call. */
import { useEffect, useRef } from 'preact/hooks';
import type { Call } from './calls';
import { ms } from './format';

/** Lines beyond these would make the page slow. */
const SHOWN = 1_000;
const PLATFORM = /^(START|END|REPORT) RequestId: /;

export function Log({ call }: { readonly call: Call }) {
  const { acceptedAt, log } = call;
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    box.current?.scrollTo({ top: box.current.scrollHeight });
  }, [log.length]);
  return (
    <section aria-label="Log">
      <h3>Log</h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
      <div class="scroll" ref={box} tabIndex={0}>
        <table class="log">
          <tbody>
            {log.slice(-SHOWN).map(({ at, message }, index) => (
              <tr key={`${at} ${index}`} class={PLATFORM.test(message) ? 'platform' : ''}>
                <td class="number">{ms(Math.max(at - acceptedAt, 0))}</td>
                <td class="content">{readable(message)}</td>
              </tr>
            ))}
          </tbody>
        </table>
        {log.length === 0 && <p class="empty">nothing logged</p>}
      </div>
    </section>
  );
}

/** Time and request id lead each line of a function, and are known here. */
function readable(message: string): string {
  return message.replace(/^\d{4}-\d\d-\d\dT\S+\t[0-9a-f-]{36}\t/, '').replaceAll('\t', '  ');
}
