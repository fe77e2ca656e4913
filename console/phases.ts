/** Where the time of a call went: from its arrival to the end of the function, one after the other. */
import { type Call, endOf } from './calls';

type PhaseName = 'authorize' | 'fault-delay' | 'environment' | 'init' | 'first-byte' | 'stream' | 'end' | 'after';

export interface Phase {
  readonly name: PhaseName;
  readonly label: string;
  readonly from: number;
  readonly to: number;
}

const LABELS: Readonly<Record<PhaseName, string>> = {
  authorize: 'Accepted, authorized',
  'fault-delay': 'Delayed by a fault',
  environment: 'Environment started',
  init: 'Function loaded (init)',
  'first-byte': 'Handler until its first byte',
  stream: 'Payload',
  end: 'End of the response',
  after: 'Function goes on',
};

export function phasesOf(call: Call, now: number): readonly Phase[] {
  const { acceptedAt, decisions, delivered, ended, pieces, started, completed, answered } = call;
  const phases: Phase[] = [];
  let last = acceptedAt;
  const add = (name: PhaseName, to: number) => {
    if (to > last) phases.push({ name, label: LABELS[name], from: last, to });
    last = Math.max(last, to);
  };
  const decidedAt = decisions.at(-1)?.at;
  add('authorize', decidedAt ?? started?.at ?? ended?.at ?? now);
  if (started !== undefined) add(call.faults.length > 0 ? 'fault-delay' : 'authorize', started.at);
  if (delivered !== undefined) {
    add('environment', delivered.at - (delivered.initMs ?? 0));
    add('init', delivered.at);
    add('first-byte', pieces[0]?.at ?? answered?.at ?? ended?.at ?? now);
  } else if (started !== undefined) add('environment', ended?.at ?? now);
  const lastPiece = pieces.at(-1);
  if (lastPiece !== undefined) add('stream', ended === undefined ? now : lastPiece.at);
  if (ended !== undefined) add('end', ended.at);
  if (ended !== undefined && completed !== undefined) add('after', completed.at);
  return merged(phases, endOf(call, now));
}

/** Neighbours of one name are one. */
function merged(phases: readonly Phase[], end: number): readonly Phase[] {
  const kept: Phase[] = [];
  for (const phase of phases) {
    const previous = kept.at(-1);
    if (previous?.name === phase.name) kept[kept.length - 1] = { ...previous, to: phase.to };
    else kept.push({ ...phase, to: Math.min(phase.to, end) });
  }
  return kept;
}
