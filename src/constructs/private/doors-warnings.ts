/** What every front door warns about, whichever door it is: functions that do not stream through it as expected. */
import type { IConstruct } from 'constructs';
import { bufferingRuntimeMessage, buffers } from '../checks/buffering-runtime';
import { durableStreamMessage } from '../checks/durable-stream';
import { unqualifiedDoorMessage } from '../checks/unqualified-door';
import { cfnFunction, type DoorTarget, environmentOf } from './doors-target';
import { warn } from './warnings';

/** Warns at once where nothing can change, and when the tree is complete about what may still be added. */
export function warnAboutTarget(door: IConstruct, target: DoorTarget): void {
  const name = target.behind.node.path;
  if (!target.qualifier) warn(door, 'UnqualifiedDoor', unqualifiedDoorMessage(name));
  door.node.addValidation({
    validate: () => {
      const resource = cfnFunction(target.behind);
      if (resource && buffers(resource.runtime, environmentOf(target.behind))) {
        warn(door, 'BufferingRuntime', bufferingRuntimeMessage(name, resource.runtime));
      }
      if (resource?.durableConfig) warn(door, 'DurableStream', durableStreamMessage(name));
      return [];
    },
  });
}
