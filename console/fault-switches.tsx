/** Switches for what happens to the next call of a function, whoever makes it. */
import { useId } from 'preact/hooks';
import type { Fault } from '../src/local/operations/invocation-options';

/** How the switches stand. */
export interface Switches {
  readonly delays: boolean;
  readonly delayMs: number;
  readonly throttles: boolean;
  readonly cuts: boolean;
  readonly afterBytes: number;
  readonly how: Cut;
  readonly rechunks: boolean;
}

type Cut = 'disconnectAfterBytes' | 'truncateAfterBytes' | 'exceptionAfterBytes';

const CUTS: Readonly<Record<Cut, string>> = {
  disconnectAfterBytes: 'connection breaks',
  truncateAfterBytes: 'clean end, no mark',
  exceptionAfterBytes: 'error frame',
};

export const NO_FAULT: Switches = {
  delays: false,
  delayMs: 500,
  throttles: false,
  cuts: false,
  afterBytes: 200,
  how: 'disconnectAfterBytes',
  rechunks: false,
};

/** Undefined where all switches are off. */
export function faultOf({ delays, delayMs, throttles, cuts, afterBytes, how, rechunks }: Switches): Fault | undefined {
  const fault: Fault = {
    ...(delays && { delayMs }),
    ...(throttles && { throttle: true }),
    ...(cuts && { [how]: afterBytes }),
    ...(rechunks && { rechunk: { seed: Math.ceil(Math.random() * 1_000) } }),
  };
  return Object.keys(fault).length === 0 ? undefined : fault;
}

export interface FaultSwitchesProps {
  readonly switches: Switches;
  readonly onChange: (switches: Switches) => void;
}

interface CheckboxProps {
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
  readonly children: string;
}

function Checkbox({ checked, onChange, children }: CheckboxProps) {
  return (
    <label>
      <input type="checkbox" checked={checked} onChange={(event) => onChange(event.currentTarget.checked)} />
      {children}
    </label>
  );
}

export function FaultSwitches({ switches, onChange }: FaultSwitchesProps) {
  const id = useId();
  const set = (change: Partial<Switches>) => onChange({ ...switches, ...change });
  return (
    <fieldset class="wide faults">
      <legend>Disturb the next call</legend>
      <Checkbox checked={switches.delays} onChange={(delays) => set({ delays })}>
        delay
      </Checkbox>
      <span>
        <input
          type="number"
          aria-label="Milliseconds of delay"
          min={0}
          value={switches.delayMs}
          onInput={(event) => set({ delayMs: event.currentTarget.valueAsNumber || 0, delays: true })}
        />{' '}
        ms
      </span>
      <Checkbox checked={switches.cuts} onChange={(cuts) => set({ cuts })}>
        cut after
      </Checkbox>
      <span>
        <input
          type="number"
          aria-label="Bytes before the cut"
          min={0}
          value={switches.afterBytes}
          onInput={(event) => set({ afterBytes: event.currentTarget.valueAsNumber || 0, cuts: true })}
        />{' '}
        bytes
      </span>
      <label for={`${id}how`} class="inner">
        by
      </label>
      <select
        id={`${id}how`}
        value={switches.how}
        onChange={(event) => set({ how: event.currentTarget.value as Cut, cuts: true })}
      >
        {Object.entries(CUTS).map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
      <Checkbox checked={switches.throttles} onChange={(throttles) => set({ throttles })}>
        throttle
      </Checkbox>
      <Checkbox checked={switches.rechunks} onChange={(rechunks) => set({ rechunks })}>
        rechunk the payload
      </Checkbox>
    </fieldset>
  );
}
