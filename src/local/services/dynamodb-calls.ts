/** The calls by which a deployment makes tables, where an engine for them is given. */
import type { DynamoDbCaller } from '../resources/provider';
import type { Services } from './service-route';

const PATIENCE_MS = 30_000;

/** Undefined where there is no engine: a handler of the test is no place for tables. */
export function dynamoDbCaller({ dynamodb: endpoint }: Services): DynamoDbCaller | undefined {
  if (typeof endpoint !== 'string') return undefined;
  return (account, region) => async (operation, input) => {
    const answer = await ask(endpoint, operation, {
      method: 'POST',
      body: JSON.stringify(input),
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': `DynamoDB_20120810.${operation}`,
        // Emulators ask for a signature and do not verify it; the account is what its functions call them by, too.
        'x-amz-date': new Date().toISOString().replace(/[-:]|\.\d+/g, ''),
        authorization: `AWS4-HMAC-SHA256 Credential=${account}/20260101/${region}/dynamodb/aws4_request, SignedHeaders=host;x-amz-date, Signature=local`,
      },
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    if (answer.status === 200) return answer.body;
    const { __type: type, message = type } = answer.body as { readonly __type?: string; readonly message?: string };
    const error = new Error(`DynamoDB at '${endpoint}' answered ${operation} with ${answer.status}: ${message}`);
    error.name = String(type).split('#').at(-1) ?? 'Error';
    throw error;
  };
}

async function ask(endpoint: string, operation: string, request: RequestInit) {
  try {
    const answer = await fetch(endpoint, request);
    return { status: answer.status, body: (await answer.json()) as Readonly<Record<string, unknown>> };
  } catch (error) {
    const { cause, message } = error as Error;
    const reason = cause instanceof Error ? cause.message : message;
    throw new Error(`nobody answers ${operation} at '${endpoint}', which the option 'services' names: ${reason}`, {
      cause: error,
    });
  }
}
