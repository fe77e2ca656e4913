/** What every front door warns about, whichever door it is: functions that do not stream through it as expected. */
import type { IConstruct } from 'constructs';
import { bufferingRuntimeMessage, buffers } from '../checks/buffering-runtime';
import { durableStreamMessage } from '../checks/durable-stream';
import { unqualifiedDoorMessage } from '../checks/unqualified-door';
import { cfnFunction, type DoorTarget, environmentOf } from './doors-target';
import { warn, warningId } from './warnings';

/** Warns at once where nothing can change, and when the tree is complete about what may still be added. */
export function warnAboutTarget(door: IConstruct, target: DoorTarget): void {
  const name = target.behind.node.path;
  if (!target.qualifier) warn(door, 'UnqualifiedDoor', unqualifiedDoorMessage(name));
  door.node.addValidation({
    validate: () => {
      const resource = cfnFunction(target.behind);
      if (resource && buffers(resource.runtime, environmentOf(target.behind))) {
        warnLate(door, 'BufferingRuntime', bufferingRuntimeMessage(name, resource.runtime));
      }
      if (resource?.durableConfig) warnLate(door, 'DurableStream', durableStreamMessage(name));
      return [];
    },
  });
}

/** Warns from a validation, unless `StreamingChecks`, whose validation may run before, has said it of the door's resource. */
export function warnLate(door: IConstruct, rule: string, message: string): void {
  if (!door.node.findAll().some((node) => hasSaid(node, rule))) warn(door, rule, message);
}

/** Whether a construct carries a warning of ours. */
export function hasSaid(node: IConstruct, rule: string): boolean {
  const mark = `[ack: ${warningId(rule)}]`;
  return node.node.metadata.some(({ data }) => typeof data === 'string' && data.includes(mark));
}
