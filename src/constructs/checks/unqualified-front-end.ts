/** A streaming front end opens on `$LATEST`: every deployment changes what is behind it, mid-traffic, and aliases' grants miss it. */
import type { CheckedApp } from './checked-app';
import { pathOf } from './rendered-resource';
import type { Finding, Rule } from './rule';
import { streamingFrontEnds } from './streaming-front-ends';

export function unqualifiedFrontEndMessage(fn: string): string {
  return (
    `the front end opens on $LATEST of the function ${fn}: each deployment replaces it under running traffic, and permissions given to an alias do not cover it; ` +
    "pass an alias, for example fn.addAlias('live')"
  );
}

export const unqualifiedFrontEnd: Rule = {
  id: 'UnqualifiedFrontEnd',
  *find(app: CheckedApp): Iterable<Finding> {
    for (const { at, callee } of streamingFrontEnds(app)) {
      if (callee?.fn && (callee.qualifier === undefined || callee.qualifier === '$LATEST')) {
        yield { at, message: unqualifiedFrontEndMessage(pathOf(callee.fn)) };
      }
    }
  },
};
