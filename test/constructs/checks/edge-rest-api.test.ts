import * as apigateway from 'aws-cdk-lib/aws-apigateway';
import { findings, restIn } from './findings';

test("CDK's default and an explicit EDGE, not REGIONAL, and not without STREAM", () => {
  const edge = { endpointTypes: [apigateway.EndpointType.EDGE] };
  expect(findings('EdgeRestApi', (stack) => restIn(stack, { api: {} }))).toHaveLength(1);
  expect(findings('EdgeRestApi', (stack) => restIn(stack, { api: edge }))).toHaveLength(1);
  expect(findings('EdgeRestApi', (stack) => restIn(stack))).toEqual([]);
  expect(
    findings('EdgeRestApi', (stack) => {
      const buffered = { responseTransferMode: apigateway.ResponseTransferMode.BUFFERED };
      restIn(stack, { api: {}, integration: buffered });
    }),
  ).toEqual([]);
});
