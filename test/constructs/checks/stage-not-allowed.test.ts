import * as apigateway from 'aws-cdk-lib/aws-apigateway';
import type { Stack } from 'aws-cdk-lib/core';
import { StreamingRestApi } from 'cdk-lambda-streaming';
import { findings, fnIn, restIn } from './findings';

function addStage(stack: Stack, id = 'Api'): void {
  const { latestDeployment: deployment } = stack.node.findChild(id) as apigateway.RestApi;
  if (deployment) new apigateway.Stage(stack, 'Green', { deployment, stageName: 'green' });
}

test('a second stage of a plain REST API, whose function allows the first only', () => {
  const found = findings('StageNotAllowed', (stack) => {
    restIn(stack);
    addStage(stack);
  });
  expect(found).toEqual([expect.stringMatching(/^\/Stack1\/Green\/Resource: .* other stages .* 500/)]);
});

test('not one stage, not where the whole API is allowed, and not with our own integration', () => {
  expect(findings('StageNotAllowed', (stack) => restIn(stack))).toEqual([]);
  const wholeApi = findings('StageNotAllowed', (stack) => {
    restIn(stack, { integration: { scopePermissionToMethod: false } });
    addStage(stack);
  });
  expect(wholeApi).toEqual([]);
  const ours = findings('StageNotAllowed', (stack) => {
    new StreamingRestApi(stack, 'Api').addStream('POST', '/x', fnIn(stack).addAlias('live'));
    addStage(stack);
  });
  expect(ours).toEqual([]);
});
