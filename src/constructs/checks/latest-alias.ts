/** The alias of a streaming front end points at `$LATEST`: it follows every upload at once, and keeps nothing stable. */
import type { CheckedApp } from './checked-app';
import { policyKey } from './permissions';
import { qualifiedFunction } from './qualified-function';
import type { Finding, Rule } from './rule';
import { streamingFrontEnds } from './streaming-front-ends';

export const latestAlias: Rule = {
  id: 'LatestAlias',
  *find(app: CheckedApp): Iterable<Finding> {
    const frontEnds = new Set(streamingFrontEnds(app).flatMap(({ callee }) => (callee ? [policyKey(callee)] : [])));
    for (const { at, stack, logicalId, properties } of app.ofType('AWS::Lambda::Alias')) {
      const callee = qualifiedFunction(app, stack, { Ref: logicalId });
      if (properties['FunctionVersion'] !== '$LATEST' || !callee || !frontEnds.has(policyKey(callee))) continue;
      yield {
        at,
        message: `the alias '${callee.qualifier}' points at $LATEST, so a deployment changes the code under open streams, and cannot be rolled back; point it at fn.currentVersion`,
      };
    }
  },
};
