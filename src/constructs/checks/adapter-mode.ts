/** The Lambda Web Adapter answers in its default mode, `buffered`, behind a front end that promises a stream. */
import type { CheckedApp } from './checked-app';
import { pathOf } from './rendered-resource';
import type { Finding, Rule } from './rule';
import { streamingFrontEnds } from './streaming-front-ends';
import { modeOfAdapter } from './web-adapter-function';

export const adapterMode: Rule = {
  id: 'AdapterMode',
  *find(app: CheckedApp): Iterable<Finding> {
    for (const { at, callee } of streamingFrontEnds(app)) {
      const fn = callee?.fn;
      if (!fn || modeOfAdapter(fn) !== 'buffered') continue;
      yield {
        at,
        message:
          `the Lambda Web Adapter of the function ${pathOf(fn)} is in its default mode, in which it collects the whole response and answers with the JSON of a buffered front end: ` +
          'nothing streams here, and callers may get that JSON, or 502, instead of the page; set the environment variable AWS_LWA_INVOKE_MODE=response_stream',
      };
    }
  },
};
