/** The calls by which a deployment makes tables, where an engine for them is given. */
import { isObject } from '../../base/is-object';
import { excerpt } from '../local-error';
import type { DynamoDbCaller } from '../resources/provider';
import type { Services } from './service-route';

/** An engine makes a table in less than a second. */
const PATIENCE_MS = 10_000;

/**
 * @param stopped ends the calls that are under way, and those that come later
 * @returns undefined where there is no engine: a handler of the test is no place for tables
 */
export function dynamoDbCaller({ dynamodb: endpoint }: Services, stopped: AbortSignal): DynamoDbCaller | undefined {
  if (typeof endpoint !== 'string') return undefined;
  return (account, region) => async (operation, input) => {
    const { body, status } = await ask(endpoint, operation, stopped, {
      method: 'POST',
      body: JSON.stringify(input),
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': `DynamoDB_20120810.${operation}`,
        // Emulators ask for a signature and do not verify it; the account is what its functions call them by, too.
        'x-amz-date': new Date().toISOString().replace(/[-:]|\.\d+/g, ''),
        authorization: `AWS4-HMAC-SHA256 Credential=${account}/20260101/${region}/dynamodb/aws4_request, SignedHeaders=host;x-amz-date, Signature=local`,
      },
    });
    const answer = objectOf(body);
    const said = `DynamoDB at '${endpoint}' answered ${operation} with ${status}`;
    if (answer === undefined) throw new Error(`${said} and no JSON object: ${excerpt(body)}`);
    if (status === 200) return answer;
    const { __type: type, message = type } = answer;
    const error = new Error(`${said}: ${String(message)}`);
    error.name = String(type).split('#').at(-1) ?? 'Error';
    throw error;
  };
}

function objectOf(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined; // the caller says it
  }
}

async function ask(endpoint: string, operation: string, stopped: AbortSignal, request: RequestInit) {
  const tooLate = AbortSignal.timeout(PATIENCE_MS);
  try {
    const answer = await fetch(endpoint, { ...request, signal: AbortSignal.any([tooLate, stopped]) });
    return { status: answer.status, body: await answer.text() };
  } catch (error) {
    if (stopped.aborted)
      throw new Error(`the local target was stopped while ${operation} had no answer`, { cause: error });
    const { cause, message } = error as Error;
    const late = `it has not answered within ${PATIENCE_MS / 1_000} seconds`;
    const reason = tooLate.aborted ? late : cause instanceof Error ? cause.message : message;
    throw new Error(`nobody answers ${operation} at '${endpoint}', which the option 'services' names: ${reason}`, {
      cause: error,
    });
  }
}
