/** A streaming function URL asks nobody for credentials. */
import type { App } from './app';
import { pathOf } from './rendered-resource';
import type { Finding, Rule } from './rule';
import { streamingUrls } from './streaming-doors';

export function publicUrlMessage(fn: string): string {
  return `anyone on the internet can invoke ${fn} through this URL, at your cost; remove authType: NONE unless that is the purpose`;
}

export const publicUrl: Rule = {
  id: 'PublicUrl',
  *find(app: App): Iterable<Finding> {
    for (const { at, resource, target } of streamingUrls(app)) {
      if (resource.properties['AuthType'] === 'NONE') {
        yield { at, message: publicUrlMessage(target?.fn ? pathOf(target.fn) : 'the function') };
      }
    }
  },
};
