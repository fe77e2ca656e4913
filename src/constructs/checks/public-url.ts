/** A streaming function URL asks nobody for credentials. */
import type { CheckedApp } from './checked-app';
import { pathOf } from './rendered-resource';
import type { Finding, Rule } from './rule';
import { streamingUrls } from './streaming-front-ends';

export function publicUrlMessage(fn: string): string {
  return `anyone on the internet can invoke ${fn} through this URL, at your cost; remove authType: NONE unless that is the purpose`;
}

export const publicUrl: Rule = {
  id: 'PublicUrl',
  *find(app: CheckedApp): Iterable<Finding> {
    for (const { at, resource, callee } of streamingUrls(app)) {
      if (resource.properties['AuthType'] === 'NONE') {
        yield { at, message: publicUrlMessage(callee?.fn ? pathOf(callee.fn) : 'the function') };
      }
    }
  },
};
