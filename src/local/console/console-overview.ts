/** What the console lists: stacks, functions with their front ends, and who may be a caller. */

import type { LocalFunction } from '../engine/deployed-functions';
import type { DeployedStack } from '../engine/deployed-stack';
import type { HttpApiState } from '../http-api-state';
import type { PendingFault } from '../operations/injected-faults';
import type { RestApiState } from '../rest-api-state';
import type { LocalState } from '../state';

export interface ConsoleOverview {
  /** `http://127.0.0.1:<port>`. */
  readonly endpoint: string;
  readonly stacks: readonly Pick<DeployedStack, 'stackName' | 'account' | 'region' | 'outputs'>[];
  readonly functions: readonly ConsoleFunction[];
  /** ARNs of roles, and of an administrator of each account. */
  readonly principals: readonly string[];
  /** What disturbs the next calls. */
  readonly faults: readonly PendingFault[];
}

export interface ConsoleFunction extends LocalFunction {
  readonly runtime: string;
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  readonly frontEnds: readonly ConsoleFrontEnd[];
}

/** An address at which a function answers. */
interface ConsoleFrontEnd {
  readonly kind: 'FunctionUrl' | 'RestApi' | 'HttpApi' | 'CloudFront';
  readonly method: string;
  readonly url: string;
  /** What decides who gets in, and how it answers: `AWS_IAM, RESPONSE_STREAM`. */
  readonly note: string;
}

export function consoleOverview(
  stacks: readonly DeployedStack[],
  functions: readonly LocalFunction[],
  state: LocalState,
  endpoint: string,
): Omit<ConsoleOverview, 'faults'> {
  const accounts = [...new Set(functions.map(({ functionArn }) => functionArn.split(':')[4] ?? ''))];
  const described = functions.map((fn): ConsoleFunction => {
    const {
      runtime = '',
      memoryMb = 0,
      timeoutSeconds = 0,
    } = state.functions.get(fn.functionArn)?.versions.get('$LATEST') ?? {};
    return { ...fn, runtime, memoryMb, timeoutSeconds, frontEnds: frontEndsOf(fn.functionArn, state, endpoint) };
  });
  return {
    endpoint,
    stacks: stacks.map(({ stackName, account, region, outputs }) => ({ stackName, account, region, outputs })),
    functions: described,
    principals: [
      ...accounts.map((account) => `arn:aws:iam::${account}:root`),
      ...state.roles.keys(),
      ...state.users.keys(),
    ],
  };
}

function frontEndsOf(functionArn: string, state: LocalState, endpoint: string): ConsoleFrontEnd[] {
  const isThis = (arn: string) => arn === functionArn || arn.startsWith(`${functionArn}:`);
  const urls = (state.functions.get(functionArn)?.urls ?? []).map(({ urlId, authType, invokeMode, qualifier }) => ({
    kind: 'FunctionUrl' as const,
    id: urlId,
    method: 'POST',
    url: `${endpoint}/lambda-url/${urlId}/`,
    note: [authType, invokeMode, ...(qualifier === undefined ? [] : [qualifier])].join(', '),
  }));
  const apis = [
    ...[...state.restApis.values()].flatMap((api) => restMethods(api, isThis, endpoint)),
    ...[...state.httpApis.values()].flatMap((api) => httpRoutes(api, isThis, endpoint)),
  ];
  const origins = new Set([...urls, ...apis].map(({ id }) => id));
  return [...urls, ...apis]
    .map(({ id: _, ...frontEnd }): ConsoleFrontEnd => frontEnd)
    .concat(
      [...state.distributions].flatMap(([label, { behaviors, origins: known }]) =>
        behaviors
          .filter(({ originId }) => origins.has(known.get(originId)?.domainName.split('.')[0] ?? ''))
          .map(({ pathPattern }) => ({
            kind: 'CloudFront' as const,
            method: 'POST',
            url: `${endpoint}/cloudfront/${label}/${pathPattern.replace(/^\//, '').replace(/\*.*$/, '')}`,
            note: pathPattern,
          })),
      ),
    );
}

type Addressed = ConsoleFrontEnd & { readonly id: string };

function restMethods(api: RestApiState, isThis: (arn: string) => boolean, endpoint: string): Addressed[] {
  const pathOf = (id: string | undefined): string => {
    const resource = id === undefined ? undefined : api.resources.get(id);
    return resource?.parentId === undefined ? '' : `${pathOf(resource.parentId)}/${resource.pathPart}`;
  };
  const found = [...api.methods.values()].flatMap(({ authorization, httpMethod, integration, resourceId }) =>
    integration.kind === 'lambda' && isThis(integration.functionArn)
      ? [{ httpMethod, path: pathOf(resourceId), auth: authorization.kind, isStream: integration.stream }]
      : [],
  );
  return [...api.stages.keys()].flatMap((stage) =>
    found.map(({ auth, httpMethod, isStream, path }) => ({
      kind: 'RestApi' as const,
      id: api.apiId,
      method: httpMethod === 'ANY' ? 'POST' : httpMethod,
      url: `${endpoint}/execute-api/${api.apiId}/${stage}${path}`,
      note: `${auth === 'iam' ? 'AWS_IAM' : auth}, ${isStream ? 'STREAM' : 'BUFFERED'}`,
    })),
  );
}

function httpRoutes(api: HttpApiState, isThis: (arn: string) => boolean, endpoint: string): Addressed[] {
  const prefix = api.stages.has('$default') ? '' : `/${[...api.stages.keys()][0] ?? ''}`;
  return [...api.routes.values()].flatMap(({ authorization, integrationId, routeKey }) => {
    const integration = api.integrations.get(integrationId);
    if (integration?.kind !== 'lambda' || !isThis(integration.functionArn)) return [];
    const [method = '', path = '/'] = routeKey.split(' ');
    return [
      {
        kind: 'HttpApi' as const,
        id: api.apiId,
        method: /^(ANY|\$default)$/.test(method) ? 'POST' : method,
        url: `${endpoint}/execute-api/${api.apiId}${prefix}${path}`,
        note: `${authorization.kind === 'iam' ? 'AWS_IAM' : authorization.kind}, BUFFERED`,
      },
    ];
  });
}
