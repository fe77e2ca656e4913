/** CloudFront calls a function URL that asks for IAM, and signs nothing: each request gets 403. */
import type { CheckedApp } from './checked-app';
import { isObject, type Json, listOf, member, pathOf, type RenderedResource, textOf } from './rendered-resource';
import type { Finding, Rule } from './rule';
import { streamingUrls } from './streaming-front-ends';

export const unsignedOrigin: Rule = {
  id: 'UnsignedOrigin',
  *find(app: CheckedApp): Iterable<Finding> {
    const urls = new Set(streamingUrls(app).map(({ resource }) => resource));
    for (const distribution of app.ofType('AWS::CloudFront::Distribution')) {
      const config = distribution.properties['DistributionConfig'];
      if (JSON.stringify(config ?? null).includes('"LambdaFunctionAssociations"')) continue; // which may sign
      for (const origin of listOf(member(config, 'Origins'))) {
        const url = urlIn(app, distribution, member(origin, 'DomainName'));
        if (!url || !urls.has(url) || url.properties['AuthType'] !== 'AWS_IAM') continue;
        if (member(origin, 'OriginAccessControlId') !== undefined) continue;
        yield {
          at: distribution.at,
          message:
            `the function URL ${pathOf(url)} asks its callers for IAM, and CloudFront does not sign its requests to it, so each gets 403; ` +
            'use StreamingDistribution, or FunctionUrlOrigin.withOriginAccessControl(url)',
        };
      }
    }
  },
};

/** The function URL whose host name an expression is cut out of. */
function urlIn(app: CheckedApp, from: RenderedResource, expression: Json | undefined): RenderedResource | undefined {
  if (Array.isArray(expression)) {
    for (const part of expression as readonly Json[]) {
      const found = urlIn(app, from, part);
      if (found) return found;
    }
    return undefined;
  }
  if (!isObject(expression)) return undefined;
  const [logicalId, attribute] = listOf(expression['Fn::GetAtt']).map(textOf);
  if (logicalId !== undefined && attribute === 'FunctionUrl') return app.byLogicalId(from.stack, logicalId);
  const imported = textOf(expression['Fn::ImportValue']);
  const exported = imported === undefined ? undefined : app.export(imported);
  if (exported) return urlIn(app, { ...from, stack: exported.stack }, exported.value);
  return urlIn(
    app,
    from,
    Object.values(expression).filter((part) => part !== undefined),
  );
}
