/**
 * The operations of Lambda that list functions, and their versions, aliases and policies.
 * https://docs.aws.amazon.com/lambda/latest/api/API_Operations.html
 */
import { ServiceException } from '../errors';
import { principalAccount } from '../iam/principals';
import { answerJson } from './answer-json';
import { authorizedFunction, demandOf, type LambdaCall } from './lambda-call';
import { describeAlias, described, latestOf, managedFunction, publish, requireAlias } from './managed-function';

export async function listFunctions(call: LambdaCall): Promise<void> {
  const { caller, query, state } = call;
  const { region } = caller;
  demandOf(call, 'lambda:ListFunctions', '*');
  const account = principalAccount(caller.principal);
  const mine = [...state.functions.values()].filter((fn) => fn.account === account && fn.region === region);
  const all = mine.flatMap((fn) => {
    const versions = query.get('FunctionVersion') === 'ALL' ? [...fn.versions.values()] : [latestOf(fn)];
    return versions.map((version) => described(fn, version));
  });
  const { items, marker } = page(all, query);
  answerJson(call, { Functions: items, ...marker });
}

export async function listVersions(call: LambdaCall): Promise<void> {
  const fn = managedFunction(call, 'lambda:ListVersionsByFunction');
  const { items, marker } = page([...fn.versions.values()], call.query);
  answerJson(call, { Versions: items.map((version) => described(fn, version)), ...marker });
}

export async function listAliases(call: LambdaCall): Promise<void> {
  const fn = managedFunction(call, 'lambda:ListAliases');
  const { items, marker } = page([...fn.aliases.values()], call.query);
  answerJson(call, { Aliases: items.map((alias) => describeAlias(fn, alias)), ...marker });
}

export async function getAlias(call: LambdaCall): Promise<void> {
  const fn = managedFunction(call, 'lambda:GetAlias');
  answerJson(call, describeAlias(fn, requireAlias(call, fn)));
}

export async function getPolicy(call: LambdaCall): Promise<void> {
  const named = authorizedFunction(call, 'lambda:GetPolicy');
  const policy = call.state.functions.get(named.functionArn)?.resourcePolicies.get(named.resourceArn);
  if (policy === undefined) {
    const message = 'The resource you requested does not exist.';
    throw new ServiceException({ type: 'ResourceNotFoundException', statusCode: 404, message });
  }
  answerJson(call, { Policy: JSON.stringify(policy) });
}

export async function publishFunctionVersion(call: LambdaCall): Promise<void> {
  const fn = managedFunction(call, 'lambda:PublishVersion');
  answerJson(call, described(fn, publish(fn)), 201);
}

/** `Marker` is where the next page begins. */
function page<T>(all: readonly T[], query: URLSearchParams): { items: readonly T[]; marker: { NextMarker?: string } } {
  const start = Number(query.get('Marker') ?? 0) || 0;
  const end = start + (Number(query.get('MaxItems') ?? 50) || 50);
  return { items: all.slice(start, end), marker: end < all.length ? { NextMarker: String(end) } : {} };
}
