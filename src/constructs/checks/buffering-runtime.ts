/** A managed runtime that buffers stands behind a streaming door: callers get one late block, and nothing says so. */
import type { App } from './app';
import { isObject, pathOf, textOf } from './rendered-resource';
import type { Finding, Rule } from './rule';
import { streamingDoors } from './streaming-doors';

/** Managed runtimes that collect the whole response; Node.js streams, and `provided` runtimes decide themselves. */
const BUFFERING = /^(python|java|ruby|go|dotnetcore)/;

/** Whether a function of this runtime buffers; images, `provided` runtimes and the Lambda Web Adapter are left alone. */
export function buffers(runtime: string | undefined, environment: Readonly<Record<string, unknown>>): boolean {
  return runtime !== undefined && BUFFERING.test(runtime) && environment['AWS_LWA_INVOKE_MODE'] !== 'response_stream';
}

export function bufferingRuntimeMessage(fn: string, runtime: string | undefined): string {
  return (
    `the function ${fn} runs on '${runtime}', which collects the whole response before sending it, so the door delivers one late block; ` +
    'use a Node.js runtime, or a custom runtime or container image that streams, or the Lambda Web Adapter with AWS_LWA_INVOKE_MODE=response_stream'
  );
}

export const bufferingRuntime: Rule = {
  id: 'BufferingRuntime',
  *find(app: App): Iterable<Finding> {
    for (const { at, target } of streamingDoors(app)) {
      const fn = target?.fn;
      const runtime = textOf(fn?.properties['Runtime']);
      const environment = fn?.properties['Environment'];
      const variables = isObject(environment) && isObject(environment['Variables']) ? environment['Variables'] : {};
      if (fn && buffers(runtime, variables)) yield { at, message: bufferingRuntimeMessage(pathOf(fn), runtime) };
    }
  },
};
