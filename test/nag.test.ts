/** cdk-nag's AwsSolutions pack finds nothing in the integ apps but what is answered for here, one by one. */
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { App, Stack } from 'aws-cdk-lib/core';
import { AwsSolutionsChecks } from 'cdk-nag';
import { APPS, INTEG, synthesize } from './integ/integ-apps';

/** Rule and construct, with the reason why it stays. */
const ACKNOWLEDGED: Record<string, Record<string, string>> = {
  'front-ends': {
    'CFR2 StreamFrontEnds/Cdn/Resource': 'a web ACL costs money, and the URL behind is open to this distribution only',
    'CFR3 StreamFrontEnds/Cdn/Resource': 'a log bucket would outlive the test',
    'CFR4 StreamFrontEnds/Cdn/Resource':
      "CloudFront's own certificate fixes the TLS version; a domain of one's own is needed",
    'APIG3 StreamFrontEnds/Api/DeploymentStage.prod/Resource': 'a web ACL costs money, and IAM lets one role in',
    'COG4 StreamFrontEnds/Api/Default/page/GET/Resource': 'callers are checked by IAM instead of Cognito',
    'IAM4 StreamFrontEnds/Api/CloudWatchRole/Resource': 'the policy AWS provides for the logs of API Gateway',
  },
  rollout: {
    'IAM4 StreamRollout/Chat/Aliaslive/DeploymentGroup/ServiceRole/Resource':
      'the policy AWS provides for rollouts of functions by CodeDeploy',
  },
};

function findingsIn(name: string): string[] {
  synthesize(name);
  const { app } = require(`${INTEG}/integ.${name}.ts`) as { app: App };
  const stacks = app.node.findAll().filter((node): node is Stack => Stack.isStack(node));
  return stacks.flatMap((stack) =>
    new AwsSolutionsChecks(app)
      .validateScope(stack)
      .violations.flatMap(({ ruleName, violatingResources }) =>
        violatingResources.map(
          ({ constructPath }) => `${ruleName.replace(/^AwsSolutions-|\[.*/g, '')} ${constructPath ?? 'nowhere'}`,
        ),
      ),
  );
}

test.each(APPS)('integ.%s: findings are those acknowledged, no more and no fewer', (name) => {
  expect(findingsIn(name).sort()).toEqual(Object.keys(ACKNOWLEDGED[name] ?? {}).sort());
});

test('a function of plain CDK is found, so the pack is awake', () => {
  const app = new App();
  const stack = new Stack(app, 'Plain');
  const code = lambda.Code.fromInline('exports.handler = () => {};');
  new lambda.Function(stack, 'Fn', { runtime: lambda.Runtime.NODEJS_20_X, handler: 'index.handler', code });
  const { violations } = new AwsSolutionsChecks(app).validateScope(stack);
  expect(violations.map(({ ruleName }) => ruleName.replace(/\[.*/, '')).sort()).toEqual([
    'AwsSolutions-IAM4',
    'AwsSolutions-L1',
  ]);
});
