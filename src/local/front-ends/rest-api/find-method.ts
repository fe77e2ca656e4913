/** Finds the method of a REST API that a request is for. */
import { decodeEscapes } from '../../../base/decode-escapes';
import { methodKey, type RestApiState, type RestMethod } from '../../rest-api-state';

export interface FoundMethod {
  readonly method: RestMethod;
  /** As the template has it: `/users/{id}`. */
  readonly resourcePath: string;
  /** Decoded. */
  readonly pathParameters: Readonly<Record<string, string>>;
}

/** `ANY` stands for these. */
const ANY = ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT'];

/**
 * The method of the most specific resource that matches the path **and** has the method: a text before `{name}`, that
 * before `{name+}`. A resource without the method hides no other.
 */
export function findMethod(api: RestApiState, httpMethod: string, path: string): FoundMethod | undefined {
  // The end of a path is the same with and without a slash.
  const segments = path.split('/').slice(1);
  if (segments.at(-1) === '') segments.pop();
  const found: (FoundMethod & { readonly rank: string })[] = [];
  for (const { resourceId } of api.resources.values()) {
    const method =
      api.methods.get(methodKey(resourceId, httpMethod)) ??
      (ANY.includes(httpMethod) ? api.methods.get(methodKey(resourceId, 'ANY')) : undefined);
    const parts = method && partsOf(api, resourceId);
    const match = parts && matchPath(parts, segments);
    if (method && match) found.push({ method, resourcePath: `/${parts.join('/')}`, ...match });
  }
  return found.sort((a, b) => (a.rank < b.rank ? -1 : 1))[0];
}

/** The path parts from the root to a resource. */
function partsOf(api: RestApiState, resourceId: string): string[] {
  const resource = api.resources.get(resourceId);
  if (resource?.parentId === undefined) return [];
  return [...partsOf(api, resource.parentId), resource.pathPart];
}

/** One digit for each part of the path; the lower, the more specific. */
export function matchPath(
  parts: readonly string[],
  segments: readonly string[],
): { readonly pathParameters: Record<string, string>; readonly rank: string } | undefined {
  const pathParameters: Record<string, string> = {};
  let rank = '';
  for (const [i, part] of parts.entries()) {
    const segment = segments[i];
    if (segment === undefined) return undefined;
    const [, name, greedy] = /^\{([^+}]+)(\+)?\}$/.exec(part) ?? [];
    if (name === undefined) {
      if (decodeEscapes(segment) !== part) return undefined;
      rank += '0';
    } else if (greedy === undefined) {
      pathParameters[name] = decodeEscapes(segment);
      rank += '1';
    } else {
      pathParameters[name] = segments.slice(i).map(decodeEscapes).join('/');
      return { pathParameters, rank: `${rank}2` };
    }
  }
  return parts.length === segments.length ? { pathParameters, rank } : undefined;
}
