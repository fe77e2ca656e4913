/** A durable function stands behind a streaming door: AWS documents no response streaming for durable functions. */
import type { App } from './app';
import { pathOf } from './rendered-resource';
import type { Finding, Rule } from './rule';
import { streamingDoors } from './streaming-doors';

export function durableStreamMessage(fn: string): string {
  return (
    `the function ${fn} is durable, and AWS documents no response streaming for durable functions; ` +
    'put the door in front of a function without durableConfig, which may start the durable one'
  );
}

export const durableStream: Rule = {
  id: 'DurableStream',
  *find(app: App): Iterable<Finding> {
    for (const { at, target } of streamingDoors(app)) {
      if (target?.fn?.properties['DurableConfig']) {
        yield { at, message: durableStreamMessage(pathOf(target.fn)) };
      }
    }
  },
};
