/** A layer wraps the handler and loses the mark by which the runtime knows that it streams. */
import type { CheckedApp } from './checked-app';
import { variablesOf } from './function-facts';
import { pathOf, textOf } from './rendered-resource';
import type { Finding, Rule } from './rule';
import { streamingFrontEnds } from './streaming-front-ends';

/** Program of the layer → what was measured with Node.js 20, and the way out. */
const WRAPPERS: Readonly<Record<string, string>> = {
  '/opt/lumigo_wrapper':
    'the Lumigo tracer loses the mark of a streaming handler (measured with 1.91.0); trace inside the handler instead',
  '/opt/otel-handler':
    'OpenTelemetry layers lose the mark of a streaming handler where they hold an old instrumentation (measured: 0.50.3 loses it, 0.75.0 keeps it); use a layer of 2026 or newer, then acknowledge this warning',
};

export const execWrapper: Rule = {
  id: 'ExecWrapper',
  *find(app: CheckedApp): Iterable<Finding> {
    const seen = new Set<string>();
    for (const { callee } of streamingFrontEnds(app)) {
      const fn = callee?.fn;
      if (!fn || seen.has(callee.key)) continue;
      seen.add(callee.key);
      const wrapper = textOf(variablesOf(fn)['AWS_LAMBDA_EXEC_WRAPPER']) ?? '';
      const reason = Object.hasOwn(WRAPPERS, wrapper) ? WRAPPERS[wrapper] : undefined;
      if (reason === undefined) continue;
      yield {
        at: fn.at,
        message: `AWS_LAMBDA_EXEC_WRAPPER=${wrapper} wraps the handler of the function ${pathOf(fn)}, so that its callers may get one late block: ${reason}`,
      };
    }
  },
};
