/**
 * What a REST API answers itself, without its integration
 * (https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html).
 */
import type { ServerResponse } from 'node:http';
import { headerText } from '../../operations/url-response';
import type { GatewayResponseState } from '../../rest-api-state';

interface Defaults {
  readonly status: number;
  readonly errorType: string;
  readonly message: string;
}

const DEFAULTS = {
  ACCESS_DENIED: {
    status: 403,
    errorType: 'AccessDeniedException',
    message: 'User is not authorized to access this resource',
  },
  API_CONFIGURATION_ERROR: { status: 500, errorType: 'InternalServerErrorException', message: 'Internal server error' },
  AUTHORIZER_CONFIGURATION_ERROR: { status: 500, errorType: 'AuthorizerConfigurationException', message: '' },
  AUTHORIZER_FAILURE: { status: 500, errorType: 'AuthorizerFailureException', message: '' },
  BAD_REQUEST_PARAMETERS: { status: 400, errorType: 'BadRequestException', message: '' },
  DEFAULT_4XX: { status: 403, errorType: 'IncompleteSignatureException', message: '' },
  EXPIRED_TOKEN: { status: 403, errorType: 'ExpiredTokenException', message: '' },
  INTEGRATION_FAILURE: { status: 502, errorType: 'InternalServerErrorException', message: 'Internal server error' },
  INTEGRATION_TIMEOUT: {
    status: 504,
    errorType: 'InternalServerErrorException',
    message: 'Endpoint request timed out',
  },
  INVALID_API_KEY: { status: 403, errorType: 'ForbiddenException', message: 'Forbidden' },
  INVALID_SIGNATURE: { status: 403, errorType: 'InvalidSignatureException', message: '' },
  MISSING_AUTHENTICATION_TOKEN: {
    status: 403,
    errorType: 'MissingAuthenticationTokenException',
    message: 'Missing Authentication Token',
  },
  REQUEST_TOO_LARGE: { status: 413, errorType: 'RequestTooLargeException', message: 'Request Too Long' },
  UNAUTHORIZED: { status: 401, errorType: 'UnauthorizedException', message: 'Unauthorized' },
  UNSUPPORTED_MEDIA_TYPE: {
    status: 415,
    errorType: 'BadRequestException',
    message: 'Unsupported Media Type',
  },
} as const satisfies Readonly<Record<string, Defaults>>;

export type GatewayResponseType = keyof typeof DEFAULTS;

/** Ends a request with a gateway response; thrown where the reason is found. */
export class GatewayRefusal extends Error {
  public override readonly name = 'GatewayRefusal';

  /**
   * @param type decides status and words, and which `GatewayResponse` of the API applies
   * @param reason why, for the header `x-local-refusal`, which AWS does not send
   * @param changes what differs from the type's own words
   */
  public constructor(
    public readonly type: GatewayResponseType,
    public readonly reason: string | undefined,
    public readonly changes: Partial<Defaults> = {},
  ) {
    super(reason ?? type);
  }
}

/** 501: the template asks for what the local target does not do; silence would pass for success. */
export function unplayed(what: string): GatewayRefusal {
  const message = `The local target does not play ${what}`;
  return new GatewayRefusal('API_CONFIGURATION_ERROR', message, { status: 501, errorType: 'LocalNotPlayed', message });
}

/** What a gateway response is written with. */
export interface RefusedCall {
  readonly response: ServerResponse;
  readonly requestId: string;
  readonly extendedRequestId: string;
  /** Of the API, by type. */
  readonly gatewayResponses: ReadonlyMap<string, GatewayResponseState>;
  /** The value of a mapping expression. */
  readonly mapped: (expression: string) => string | undefined;
}

export function writeGatewayResponse(call: RefusedCall, { type, reason, changes }: GatewayRefusal): void {
  const { response } = call;
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const defaults: Defaults = { ...DEFAULTS[type], ...changes };
  const family = defaults.status < 500 ? 'DEFAULT_4XX' : 'DEFAULT_5XX';
  const custom = call.gatewayResponses.get(type) ?? call.gatewayResponses.get(family);
  const status = custom?.statusCode ?? defaults.status;
  const own = Object.entries(custom?.parameters ?? {}).flatMap(([name, expression]) => {
    const [, header] = /^gatewayresponse\.header\.(.+)$/.exec(name) ?? [];
    const value = call.mapped(expression);
    return header === undefined || value === undefined ? [] : [[header, value] as const];
  });
  const template = Object.entries(custom?.templates ?? {})[0];
  response
    .writeHead(status, {
      'content-type': template?.[0] ?? 'application/json',
      'x-amzn-requestid': call.requestId,
      'x-amz-apigw-id': call.extendedRequestId,
      'x-amzn-errortype': defaults.errorType,
      ...(reason !== undefined && { [status < 500 ? 'x-local-refusal' : 'x-local-failure']: headerText(reason) }),
      ...Object.fromEntries(own),
    })
    .end(
      template === undefined ? defaultBody(type, defaults.message) : filled(template[1], call, type, defaults.message),
    );
}

/** A refusal of IAM alone writes `Message`. */
function defaultBody(type: GatewayResponseType, message: string): string {
  const name = type === 'ACCESS_DENIED' ? 'Message' : 'message';
  return JSON.stringify({ [name]: message === '' ? null : message });
}

function filled(template: string, call: RefusedCall, type: string, message: string): string {
  return template.replace(
    /\$(?:\{context\.([\w.]+)\}|context\.([\w.]*\w))/g,
    (whole, braced?: string, bare?: string) => {
      const key = braced ?? bare ?? '';
      if (key === 'error.messageString') return JSON.stringify(message);
      if (key === 'error.message') return message;
      if (key === 'error.responseType') return type;
      return call.mapped(`context.${key}`) ?? whole;
    },
  );
}
