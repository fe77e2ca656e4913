/**
 * The address a function URL has here. On AWS each has a host of its own; names under `localhost` do not resolve
 * everywhere, so here the id leads the path, and the same host label is understood where a client can resolve it.
 */

/** `http://127.0.0.1:<port>/lambda-url/<url id>/`. */
export function functionUrlAddress(endpoint: string, urlId: string, _region: string): string {
  return `${endpoint}/lambda-url/${urlId}/`;
}
