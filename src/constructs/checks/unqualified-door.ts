/** A streaming door opens on `$LATEST`: every deployment changes what is behind it, mid-traffic, and aliases' grants miss it. */
import type { App } from './app';
import { pathOf } from './rendered-resource';
import type { Finding, Rule } from './rule';
import { streamingDoors } from './streaming-doors';

export function unqualifiedDoorMessage(fn: string): string {
  return (
    `the door opens on $LATEST of the function ${fn}: each deployment replaces it under running traffic, and permissions given to an alias do not cover it; ` +
    "pass an alias, for example fn.addAlias('live')"
  );
}

export const unqualifiedDoor: Rule = {
  id: 'UnqualifiedDoor',
  *find(app: App): Iterable<Finding> {
    for (const { at, target } of streamingDoors(app)) {
      if (target?.fn && (target.qualifier === undefined || target.qualifier === '$LATEST')) {
        yield { at, message: unqualifiedDoorMessage(pathOf(target.fn)) };
      }
    }
  },
};
