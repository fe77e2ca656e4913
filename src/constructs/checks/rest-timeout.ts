/** API Gateway cuts a streamed response before the function ends: after 29 seconds, where nobody says otherwise. */
import {
  API_GATEWAY_DEFAULT_TIMEOUT_MS,
  API_GATEWAY_STREAM_MAX_SECONDS,
  FUNCTION_TIMEOUT_DEFAULT_SECONDS,
} from '../../wire/limits';
import type { CheckedApp } from './checked-app';
import { pathOf } from './rendered-resource';
import type { Finding, Rule } from './rule';
import { streamingMethods, timeoutOf } from './streaming-front-ends';

export function restTimeoutMessage(cutSeconds: number, fn: string, functionSeconds: number): string {
  return (
    `API Gateway cuts the response after ${cutSeconds} s, while the function ${fn} may run ${functionSeconds} s, ` +
    'and it keeps running, and costing, after the cut; raise the timeout of the integration, or lower the timeout of the function'
  );
}

export const restTimeout: Rule = {
  id: 'RestTimeout',
  *find(app: CheckedApp): Iterable<Finding> {
    for (const { at, resource, callee } of streamingMethods(app)) {
      const cut = timeoutOf(resource);
      if (cut > API_GATEWAY_STREAM_MAX_SECONDS * 1000) {
        yield {
          at,
          message: `an integration timeout of ${cut} ms is over the 15 minutes a stream may take, and fails at deployment; lower it to ${API_GATEWAY_STREAM_MAX_SECONDS * 1000}`,
        };
        continue;
      }
      if (!callee?.fn) continue;
      const said = callee.fn.properties['Timeout'];
      const seconds = typeof said === 'number' ? said : said === undefined ? FUNCTION_TIMEOUT_DEFAULT_SECONDS : 0;
      if (cut < seconds * 1000)
        yield { at, message: restTimeoutMessage(cut / 1000, pathOf(callee.fn), seconds) + hint(cut) };
    }
  },
};

function hint(cut: number): string {
  return cut === API_GATEWAY_DEFAULT_TIMEOUT_MS
    ? '; without a timeout of its own, an integration has 29 s, also in STREAM mode'
    : '';
}
