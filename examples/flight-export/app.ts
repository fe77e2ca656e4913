/** Two stacks in two accounts: A owns the data and the function, B the role that may stream from it. */
import { join } from 'node:path';
import { App, CfnOutput, Duration, PhysicalName, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { StreamingFunction } from 'cdk-lambda-streaming';

const OWNER = { account: '111111111111', region: 'eu-west-1' };
const PARTNER = { account: '222222222222', region: 'eu-west-1' };
const DATA = join(__dirname, '../../node_modules/vega-datasets/data/flights-200k.json');

const app = new App();

const partner = new Stack(app, 'Partner', { env: PARTNER });
function defineRole(id: string): iam.Role {
  const role = new iam.Role(partner, id, {
    assumedBy: new iam.AccountRootPrincipal(),
    roleName: PhysicalName.GENERATE_IF_NEEDED,
  });
  new CfnOutput(partner, `${id}RoleArn`, { value: role.roleArn });
  return role;
}
const analyst = defineRole('Analyst');
defineRole('Stranger');

const owner = new Stack(app, 'FlightExport', { env: OWNER });
const flights = new StreamingFunction(owner, 'Flights', {
  entry: join(__dirname, 'export.ts'),
  timeout: Duration.minutes(2),
  memorySize: 512,
  bundling: {
    commandHooks: {
      beforeBundling: () => [],
      beforeInstall: () => [],
      afterBundling: (_input, output) => [`cp ${DATA} ${output}`],
    },
  },
});
flights.streamGrants.invoke(analyst);
flights.exportStreamTarget();

app.synth();
