/**
 * Finds the caller's input in the event: the event itself for a direct invoke, else the HTTP request's body or query.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
 */
import { describeIssues, toContractIssues } from '../contract/contract-issue';
import type { StandardIssue, StandardSchema } from '../contract/standard-schema';
import type { HttpEvent } from '../wire/http-event';
import { ApplicationError } from './application-error';

/** A schema's result, whichever it is. */
interface Findings {
  readonly value?: unknown;
  readonly issues?: readonly StandardIssue[];
}

/** The JSON of the body; without a body the query's parameters, so that a browser's `EventSource` has an input too. */
const httpInputOf = ({ body, isBase64Encoded, queryStringParameters }: HttpEvent): unknown =>
  body ? JSON.parse(isBase64Encoded ? Buffer.from(body, 'base64').toString() : body) : (queryStringParameters ?? {});

/** The input as the handler gets it. Rejects with an `ApplicationError` of type `InvalidInput`. */
export async function receiveInput(
  schema: StandardSchema | undefined,
  event: unknown,
  http: HttpEvent | undefined,
): Promise<unknown> {
  let value = event;
  let found: Findings['issues'];
  try {
    if (http) value = httpInputOf(http);
  } catch {
    found = [{ message: 'the body is not JSON' }];
  }
  if (schema && !found) {
    const result: Findings = await schema['~standard'].validate(value);
    ({ value, issues: found } = result);
  }
  if (!found) return value;
  const issues = toContractIssues(found);
  throw new ApplicationError('InvalidInput', describeIssues(issues), { statusCode: 400, issues });
}

/** Names of headers compare without regard to case, and a REST API hands them on as the client wrote them. */
export const lowerCased = <Value>(headers: Readonly<Record<string, Value>> | null | undefined): Record<string, Value> =>
  Object.fromEntries(Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]));
