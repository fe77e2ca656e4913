/** From the caller to the handler and back: each phase in its place, with its length. */
import type { Call } from './calls';
import { ms } from './format';
import { phasesOf } from './phases';

export function Waterfall({ call, now }: { readonly call: Call; readonly now: number }) {
  const phases = phasesOf(call, now);
  const start = call.acceptedAt;
  const whole = Math.max((phases.at(-1)?.to ?? now) - start, 0.1);
  return (
    <section aria-label="Phases">
      <table class="waterfall">
        <tbody>
          {phases.map(({ from, label, name, to }) => (
            <tr key={name}>
              <th scope="row">{label}</th>
              <td class="number">{ms(to - from)}</td>
              <td class="bar">
                <span
                  class={`phase ${name}`}
                  style={{ left: `${((from - start) / whole) * 100}%`, width: `${((to - from) / whole) * 100}%` }}
                />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
