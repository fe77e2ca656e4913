/** What is wrong with the head of an HTTP response: said to its author, where a front door would only answer 502. */

/**
 * The JSON of a head that can be sent: a final status, names of token characters, values of one line in Latin-1.
 * One expression, because it ships inside every handler; the JSON itself gives the nesting.
 * @see https://www.rfc-editor.org/rfc/rfc9110.html#section-5.5
 */
const HTTP_HEAD =
  /^{(("statusCode":[2-5]\d\d|"(headers":{|cookies":\[)(("[\w!#-'*+.^`|~-]+":)?"(\\[t"\\]|[ !#-[\]-~\x80-\xff])*",?)*[}\]]),?)*}$/;

/** Why `http` cannot be sent; undefined where it can. */
export function httpProblem(http: unknown): string | undefined {
  const json = JSON.stringify(http);
  return HTTP_HEAD.test(json)
    ? undefined
    : `http must be { statusCode: 200 to 599, headers: { name: 'Latin-1' }, cookies: ['Latin-1'] }, got ${json}`;
}
