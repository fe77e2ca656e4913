/**
 * What API Gateway takes as the head of a request to a REST API
 * (https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html,
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html).
 */
import type { IncomingMessage } from 'node:http';
import type { RestApiState } from '../../rest-api-state';
import { headerValueBytes } from '../header-value-bytes';
import { GatewayRefusal } from './gateway-response';
import { domainNameOf } from './rest-call';

const URL_MAX_LENGTH = 10 * 1_024;
const EDGE_URL_MAX_LENGTH = 8_192;
const HEADERS_MAX_BYTES = 10 * 1_024;
const METHOD_ARN_MAX_BYTES = 1_600;

const tooLong = (reason: string) =>
  new GatewayRefusal('DEFAULT_4XX', reason, {
    status: 414,
    errorType: 'RequestUriTooLongException',
    message: 'Request URI too long',
  });

/** @param target path and query, with the stage. @throws GatewayRefusal for what never reaches a method */
export function checkHead(api: RestApiState, target: string, request: IncomingMessage): void {
  // As long as it is on AWS: here another host, and perhaps a longer path, stand for it.
  const { length } = `https://${domainNameOf(api)}${target}`;
  const maxLength = api.endpointType === 'EDGE' ? EDGE_URL_MAX_LENGTH : URL_MAX_LENGTH;
  if (length > maxLength) {
    throw tooLong(`the URL has ${length} characters on AWS, and this API takes ${maxLength} (${api.endpointType})`);
  }
  const bytes = headerValueBytes(request);
  if (bytes > HEADERS_MAX_BYTES) {
    const reason = `the values of the headers have ${bytes} bytes, and API Gateway takes ${HEADERS_MAX_BYTES}`;
    throw new GatewayRefusal('DEFAULT_4XX', reason, {
      status: 431,
      errorType: 'RequestHeaderFieldsTooLargeException',
      message: 'Request Header Fields Too Large',
    });
  }
}

/** @throws GatewayRefusal where authorization would be asked about a longer name than it takes */
export function checkMethodArn(arn: string): void {
  const bytes = Buffer.byteLength(arn);
  if (bytes <= METHOD_ARN_MAX_BYTES) return;
  throw tooLong(
    `the ARN of the method has ${bytes} bytes with its path, and authorization takes ${METHOD_ARN_MAX_BYTES}`,
  );
}

/** The parameters of a query. @throws GatewayRefusal for characters that must be encoded */
export function readQuery(query: string): URLSearchParams {
  const [raw] = /[|{}]/.exec(query) ?? [];
  if (raw !== undefined) {
    const reason = `the query has a '${raw}' that is not encoded; write '${encodeURIComponent(raw)}'`;
    throw new GatewayRefusal('DEFAULT_4XX', reason, {
      status: 400,
      errorType: 'BadRequestException',
      message: 'Bad Request',
    });
  }
  return new URLSearchParams(query.replaceAll(';', '&'));
}
