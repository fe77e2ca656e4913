/** A streaming function without a timeout of its own: Lambda ends it after 3 seconds, in the middle of its stream. */
import { FUNCTION_TIMEOUT_DEFAULT_SECONDS } from '../../wire/limits';
import type { CheckedApp } from './checked-app';
import { pathOf } from './rendered-resource';
import type { Finding, Rule } from './rule';
import { streamingFrontEnds } from './streaming-front-ends';

export const defaultTimeout: Rule = {
  id: 'DefaultTimeout',
  *find(app: CheckedApp): Iterable<Finding> {
    const seen = new Set<string>();
    for (const { callee } of streamingFrontEnds(app)) {
      const fn = callee?.fn;
      if (!fn || fn.properties['Timeout'] !== undefined || seen.has(callee.key)) continue;
      seen.add(callee.key);
      yield {
        at: fn.at,
        message:
          `the function ${pathOf(fn)} has no timeout of its own, so Lambda ends it after ${FUNCTION_TIMEOUT_DEFAULT_SECONDS} s, ` +
          'and a stream that is cut looks complete to callers that do not check its end; set a timeout, for example Duration.minutes(1)',
      };
    }
  },
};
