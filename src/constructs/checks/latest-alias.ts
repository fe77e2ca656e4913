/** The alias of a streaming door points at `$LATEST`: it follows every upload at once, and keeps nothing stable. */
import type { App } from './app';
import { lambdaTarget } from './lambda-target';
import { policyKey } from './permissions';
import type { Finding, Rule } from './rule';
import { streamingDoors } from './streaming-doors';

export const latestAlias: Rule = {
  id: 'LatestAlias',
  *find(app: App): Iterable<Finding> {
    const doors = new Set(streamingDoors(app).flatMap(({ target }) => (target ? [policyKey(target)] : [])));
    for (const { at, stack, logicalId, properties } of app.ofType('AWS::Lambda::Alias')) {
      const target = lambdaTarget(app, stack, { Ref: logicalId });
      if (properties['FunctionVersion'] !== '$LATEST' || !target || !doors.has(policyKey(target))) continue;
      yield {
        at,
        message: `the alias '${target.qualifier}' points at $LATEST, so a deployment changes the code under open streams, and cannot be rolled back; point it at fn.currentVersion`,
      };
    }
  },
};
