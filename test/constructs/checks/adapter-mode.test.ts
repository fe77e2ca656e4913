import * as lambda from 'aws-cdk-lib/aws-lambda';
import { findings, fnIn, urlIn } from './findings';

const LAYER = 'arn:aws:lambda:eu-west-1:753240598075:layer:LambdaAdapterLayerX86:27';

test('a web adapter without a mode, or with an unknown one, behind a streaming URL', () => {
  const withLayer = findings('AdapterMode', (stack) => {
    const { fn } = urlIn(stack);
    fn.addLayers(lambda.LayerVersion.fromLayerVersionArn(stack, 'Adapter', LAYER));
  });
  expect(withLayer).toEqual([expect.stringMatching(/FunctionUrl\/Resource: the Lambda Web Adapter .* default mode/)]);
  const unknown = { AWS_LWA_INVOKE_MODE: 'streaming' };
  expect(findings('AdapterMode', (stack) => urlIn(stack, { environment: unknown }))).toHaveLength(1);
});

test('not in stream mode in any case, not without an adapter, and not behind a buffered URL', () => {
  const streaming = { AWS_LWA_INVOKE_MODE: 'RESPONSE_STREAM' };
  expect(findings('AdapterMode', (stack) => urlIn(stack, { environment: streaming }))).toEqual([]);
  expect(findings('AdapterMode', (stack) => urlIn(stack))).toEqual([]);
  const environment = { AWS_LWA_PORT: '8000' };
  expect(findings('AdapterMode', (stack) => fnIn(stack, { environment }).addFunctionUrl())).toEqual([]);
});
