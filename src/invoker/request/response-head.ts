/** What the headers of a response say, and whether it is one of Lambda's. */

import type { ResponseHead } from '../../stream/reading/stream-parts';
import type { StreamProgress } from '../../stream/reading/stream-progress';
import {
  EVENT_STREAM_CONTENT_TYPE,
  HTTP_INTEGRATION_CONTENT_TYPE,
  REMAPPED_CONTENT_TYPE_HEADER,
} from '../../wire/content-types';
import { discard } from './attempt';
import type { RawResponse } from './send-request';

export function readHead({ headers }: RawResponse): ResponseHead {
  const contentType = headers[REMAPPED_CONTENT_TYPE_HEADER];
  return {
    requestId: headers['x-amzn-requestid'],
    executedVersion: headers['x-amz-executed-version'],
    contentType,
    hasPrelude: contentType?.startsWith(HTTP_INTEGRATION_CONTENT_TYPE) ?? false,
  };
}

/** Something else than Lambda may answer: a proxy, a wrong endpoint. */
export function checkContentType(response: RawResponse, progress: StreamProgress): void {
  const got = response.headers['content-type'];
  if (got?.startsWith(EVENT_STREAM_CONTENT_TYPE)) return;
  discard(response);
  const message = `the answer is not an event stream but ${got ?? 'of no content type'}; is the endpoint Lambda's?`;
  throw progress.error('CORRUPT', message, { kind: 'content-type' });
}
