/** Checks the options of handlers, for callers without a compiler. Small, because it ships inside every function. */
import { LONGEST_TIMER_MS } from './timers';

/** By name what an option may be, joined by ' or ': types, numbers by {@link numberKinds}, and values by themselves. */
export type OptionKinds<Options> = Readonly<Record<keyof Options, string>>;

/** @throws TypeError for an option that there is not, or a value that it cannot have */
export function checkOptions<Options extends object>(
  name: string,
  options: Options,
  kinds: OptionKinds<Options>,
): void {
  for (const [option, value] of Object.entries(options)) {
    const allowed = Object.hasOwn(kinds, option) ? kinds[option as keyof Options] : undefined;
    if (!allowed) throw new TypeError(`${name}: there is no option '${option}', only ${Object.keys(kinds).join(', ')}`);
    const kindsOfValue = typeof value === 'number' ? numberKinds(value) : [`a ${typeof value}`, `${value}`];
    if (value !== undefined && !allowed.split(' or ').some((kind) => kindsOfValue.includes(kind))) {
      throw new TypeError(`${name}: ${option} must be ${allowed}, got ${value}`);
    }
  }
}

/** A longer delay than timers count would fire at once, and one of 0 would repeat without a pause. */
const numberKinds = (value: number): readonly string[] =>
  value >= 0 && value <= LONGEST_TIMER_MS ? ['a number from 0', value > 0 ? 'a number above 0' : ''] : [];
