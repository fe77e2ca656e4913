/** Writes answers and errors in the protocol an SDK understands, so that it raises the error and not its own confusion. */
import type { ServerResponse } from 'node:http';
import type { ServiceError } from '../errors';
import type { ServiceCall, ServiceProtocol } from './service-call';

const EC2_NAMESPACE = 'http://ec2.amazonaws.com/doc/2016-11-15/';

/** An error in the form of each protocol. */
export function writeServiceError(
  response: ServerResponse,
  protocol: ServiceProtocol,
  { members = {}, message, statusCode, type }: ServiceError,
  requestId: string,
): void {
  const code = xmlText(type);
  const words = xmlText(message);
  const error = `<Error><Type>Sender</Type><Code>${code}</Code><Message>${words}</Message></Error>`;
  switch (protocol) {
    case 'cbor':
      send(response, statusCode, 'application/cbor', cborMap({ __type: type, message }), {
        'smithy-protocol': 'rpc-v2-cbor',
      });
      return;
    case 'query':
      sendXml(response, statusCode, `<ErrorResponse>${error}<RequestId>${requestId}</RequestId></ErrorResponse>`);
      return;
    case 'ec2':
      sendXml(
        response,
        statusCode,
        `<Response><Errors><Error><Code>${code}</Code><Message>${words}</Message></Error></Errors><RequestID>${requestId}</RequestID></Response>`,
      );
      return;
    case 'rest-xml': {
      const more = Object.entries({ ...members, RequestId: requestId }).map(
        ([name, value]) => `<${name}>${xmlText(value)}</${name}>`,
      );
      sendXml(response, statusCode, `<Error><Code>${code}</Code><Message>${words}</Message>${more.join('')}</Error>`);
      return;
    }
    default:
      send(response, statusCode, 'application/json', Buffer.from(JSON.stringify({ __type: type, message })), {
        'x-amzn-errortype': type,
        'x-amzn-requestid': requestId,
      });
  }
}

/** The result of an operation: an object for JSON, the inside of its element for the query protocols. */
export function writeServiceResult(
  response: ServerResponse,
  { operation, protocol }: Pick<ServiceCall, 'operation' | 'protocol'>,
  result: Readonly<Record<string, unknown>> | string,
  requestId: string,
): void {
  if (typeof result === 'string' && protocol === 'ec2') {
    const id = `<requestId>${requestId}</requestId>`;
    sendXml(response, 200, `<${operation}Response xmlns="${EC2_NAMESPACE}">${id}${result}</${operation}Response>`);
    return;
  }
  if (typeof result === 'string') {
    const metadata = `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata>`;
    sendXml(
      response,
      200,
      `<${operation}Response><${operation}Result>${result}</${operation}Result>${metadata}</${operation}Response>`,
    );
    return;
  }
  send(response, 200, 'application/x-amz-json-1.1', Buffer.from(JSON.stringify(result)), {
    'x-amzn-requestid': requestId,
  });
}

export function xmlText(text: string): string {
  return text.replace(/[<>&'"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

function sendXml(response: ServerResponse, statusCode: number, xml: string): void {
  send(response, statusCode, 'text/xml', Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>${xml}`), {});
}

function send(
  response: ServerResponse,
  statusCode: number,
  contentType: string,
  body: Buffer,
  headers: Readonly<Record<string, string>>,
): void {
  response.writeHead(statusCode, { 'content-type': contentType, 'content-length': body.length, ...headers });
  response.end(body);
}

/** https://www.rfc-editor.org/rfc/rfc8949: a map of at most 23 texts. */
function cborMap(members: Readonly<Record<string, string>>): Buffer {
  const entries = Object.entries(members);
  return Buffer.concat([Buffer.from([0xa0 | entries.length]), ...entries.flat().map(cborText)]);
}

function cborText(text: string): Buffer {
  const bytes = Buffer.from(text);
  const head =
    bytes.length < 24
      ? [0x60 | bytes.length]
      : bytes.length < 256
        ? [0x78, bytes.length]
        : [0x79, (bytes.length >> 8) & 0xff, bytes.length & 0xff];
  return Buffer.concat([Buffer.from(head), bytes]);
}
