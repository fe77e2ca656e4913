/** Recognises functions behind the Lambda Web Adapter. https://github.com/aws/aws-lambda-web-adapter */
import { isStreamingAdapter } from '../facts/streaming-facts';
import { variablesOf } from './function-facts';
import { listOf, type RenderedResource } from './rendered-resource';

/** How the adapter of the function answers; undefined where there is none to be seen. */
export function modeOfAdapter(fn: RenderedResource): 'buffered' | 'response_stream' | undefined {
  const variables = variablesOf(fn);
  const layers = listOf(fn.properties['Layers']);
  const hasAdapter =
    Object.keys(variables).some((name) => name.startsWith('AWS_LWA_')) ||
    layers.some((layer) => JSON.stringify(layer).includes(':LambdaAdapterLayer'));
  if (!hasAdapter) return undefined;
  return isStreamingAdapter(variables) ? 'response_stream' : 'buffered';
}
