/** A further stage of a REST API calls a function that allows another stage only: each of its requests gets 500. */
import type { CheckedApp } from './checked-app';
import { permissionsOn, principalText } from './permissions';
import { flatten } from './qualified-function';
import { type Json, member, pathOf, type RenderedResource, textOf } from './rendered-resource';
import type { Finding, Rule } from './rule';
import { restApiOf, stagesOf, streamingMethods } from './streaming-front-ends';

export const stageNotAllowed: Rule = {
  id: 'StageNotAllowed',
  *find(app: CheckedApp): Iterable<Finding> {
    const seen = new Set<string>();
    for (const { resource, callee } of streamingMethods(app)) {
      const api = restApiOf(app, resource);
      if (!api || !callee?.fn) continue;
      const sources = permissionsOn(app, callee)
        .filter(({ principal }) => principalText(principal) === 'apigateway.amazonaws.com')
        .map((permission) => sourceText(permission.resource.properties['SourceArn']));
      if (sources.length === 0) continue; // a permission may be given elsewhere, or by the API's own role
      for (const stage of stagesOf(app, api)) {
        const key = `${pathOf(stage)} ${callee.key}`;
        if (seen.has(key) || sources.some((source) => covers(source, api, stage))) continue;
        seen.add(key);
        yield {
          at: stage.at,
          message:
            `the function ${pathOf(callee.fn)} allows calls from other stages of the REST API ${pathOf(api)} than this one, so each request here gets 500; ` +
            'add a permission with the ARN of this stage as source, or let StreamingLambdaIntegration give it, which covers every stage of the stack',
        };
      }
    }
  },
};

/** An ARN as text, with what it refers to in angle brackets. */
function sourceText(arn: Json | undefined): string | undefined {
  if (arn === undefined) return undefined;
  return flatten(arn)
    .map((part) => (typeof part === 'string' ? part : `<${textOf(member(part, 'Ref')) ?? '?'}>`))
    .join('');
}

function covers(source: string | undefined, api: RenderedResource, stage: RenderedResource): boolean {
  if (source === undefined || source.includes('<?>')) return true;
  const [, rest] = source.split(`<${api.logicalId}>/`);
  const [named] = rest?.split('/') ?? [];
  if (named === undefined) return source.endsWith('*') || !source.includes('execute-api');
  return named === '*' || named === `<${stage.logicalId}>` || named === textOf(stage.properties['StageName']);
}
