/** The errors AWS answers with, as plain values: every endpoint of the local target turns the same error into its own format. */

/** An answer of an AWS service that is not a success. */
export interface ServiceError {
  /** The exception name, for example `ResourceNotFoundException`. */
  readonly type: string;
  /** HTTP status code. */
  readonly statusCode: number;
  readonly message: string;
  /** Members beside the message, for example `Reason` of a throttled request. */
  readonly members?: Readonly<Record<string, string>>;
  /** Seconds for the `Retry-After` header. */
  readonly retryAfterSeconds?: number;
}

/** Carries a {@link ServiceError} from where it is noticed to where the response is written. */
export class ServiceException extends Error {
  public override readonly name = 'ServiceException';

  public constructor(public readonly serviceError: ServiceError) {
    super(`${serviceError.type}: ${serviceError.message}`);
  }
}

/** The service error inside a thrown value, or `undefined`. Recognised by name, because two copies may be installed. */
export function serviceErrorOf(error: unknown): ServiceError | undefined {
  if (!(typeof error === 'object' && error !== null && 'name' in error && 'serviceError' in error)) {
    return undefined;
  }
  return error.name === 'ServiceException' ? (error.serviceError as ServiceError) : undefined;
}

const userError = (type: string, statusCode: number, message: string): ServiceError => ({
  type,
  statusCode,
  message,
  members: { Type: 'User' },
});

/** 404: no such function, version or alias. `arn` is qualified when the request was. */
export const functionNotFound = (arn: string): ServiceError =>
  userError('ResourceNotFoundException', 404, `Function not found: ${arn}`);

/** 400: the event is not JSON. */
export const invalidRequestContent = (reason: string): ServiceError =>
  userError('InvalidRequestContentException', 400, `Could not parse request body into json: ${reason}`);

/** 400: a well-formed value that does not fit the others. */
export const invalidParameterValue = (message: string): ServiceError =>
  userError('InvalidParameterValueException', 400, message);

/** 412: somebody has changed it meanwhile. */
export const wrongRevision = (what: string): ServiceError =>
  userError(
    'PreconditionFailedException',
    412,
    `The RevisionId provided does not match the latest ${what}. Call the GetFunction/GetAlias API to retrieve the latest Revision ID`,
  );

/** 413: the event is larger than the invocation type allows. */
export const requestTooLarge = (limitBytes: number): ServiceError =>
  userError(
    'RequestEntityTooLargeException',
    413,
    `Request must be smaller than ${limitBytes} bytes for the InvokeFunction operation`,
  );

/** 429: every execution environment that may run is busy. */
export const tooManyRequests = (Reason = 'ConcurrentInvocationLimitExceeded'): ServiceError => ({
  type: 'TooManyRequestsException',
  statusCode: 429,
  message: 'Rate Exceeded.',
  members: { Type: 'User', Reason },
  retryAfterSeconds: 1,
});

/** 400: a value that does not satisfy the constraints of the API model. */
export const validationFailed = (member: string, value: string, constraint: string): ServiceError => ({
  type: 'ValidationException',
  statusCode: 400,
  message: `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: ${constraint}`,
});

/** 403: IAM said no; the message names the principal, the action, the resource and the reason. */
export const accessDenied = (message: string): ServiceError => ({
  type: 'AccessDeniedException',
  statusCode: 403,
  message,
});

export const UNKNOWN_OPERATION = 'UnknownOperationException';

/** 404: a path or operation the local target does not speak. */
export const unknownOperation = (method: string, path: string): ServiceError => ({
  type: UNKNOWN_OPERATION,
  statusCode: 404,
  message: `The local target does not support ${method} ${path}`,
});

/** 403: the request came by a name that is not loopback. */
export const foreignHost = (host: string | undefined): ServiceError => ({
  type: 'ForeignHostException',
  statusCode: 403,
  message: `The local target answers 127.0.0.1 and names under localhost only, got the host '${host ?? ''}'`,
});

/** 500: a fault of the local target itself, never of the function. */
export const serviceFault = (message: string): ServiceError => ({ type: 'ServiceException', statusCode: 500, message });

/** Told of a call that nobody answers: whose it was, what was asked, `dynamodb PutItem`, and in which words it was refused. */
export type CallRefused = (accessKeyId: string, call: string, message: string) => void;
