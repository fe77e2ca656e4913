/**
 * Finds the caller's input in the event: the event itself for a direct invoke, else the HTTP request's body or query.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
 */
import { type ContractIssue, describeIssues, toContractIssues } from '../contract/contract-issue';
import type { StandardSchema } from '../contract/standard-schema';
import { ApplicationError } from './application-error';

/** The parts of a function URL's, HTTP API's or REST API's event that matter here. */
export interface HttpEvent {
  /** A function URL and an HTTP API have `http`, a REST API has `httpMethod`. */
  readonly requestContext: { readonly http?: object; readonly httpMethod?: string };
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly queryStringParameters?: Readonly<Record<string, string | undefined>> | null;
  readonly body?: string | null;
  readonly isBase64Encoded?: boolean;
}

/** The event of an HTTP front door; undefined for a direct invoke. */
export function httpEventOf(event: unknown): HttpEvent | undefined {
  const { requestContext } = (event ?? {}) as Partial<HttpEvent>;
  return requestContext?.http || requestContext?.httpMethod ? (event as HttpEvent) : undefined;
}

/** The JSON of the body; without a body the query's parameters, so that a browser's `EventSource` has an input too. */
function httpInputOf({ body, isBase64Encoded, queryStringParameters }: HttpEvent): unknown {
  return body
    ? JSON.parse(Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8').toString())
    : (queryStringParameters ?? {});
}

/** The input as the handler gets it. Rejects with an `ApplicationError` of type `InvalidInput`. */
export async function receiveInput(
  schema: StandardSchema | undefined,
  event: unknown,
  http: HttpEvent | undefined,
): Promise<unknown> {
  let input = event;
  try {
    if (http) input = httpInputOf(http);
  } catch {
    throw invalidInput('the body of the request is not JSON');
  }
  const result = await schema?.['~standard'].validate(input);
  if (!result) return input;
  if (!result.issues) return result.value;
  const issues = toContractIssues(result.issues);
  throw invalidInput(describeIssues(issues), issues);
}

function invalidInput(message: string, issues?: readonly ContractIssue[]): ApplicationError {
  return new ApplicationError('InvalidInput', message, { statusCode: 400, issues });
}
