/** Content types and header names of the streaming protocols. */
import type { StreamFormat } from './stream-format';

/** Body of an `InvokeWithResponseStream` response. */
export const EVENT_STREAM_CONTENT_TYPE = 'application/vnd.amazon.eventstream';

/** What a function sets when its response begins with an HTTP prelude. */
export const HTTP_INTEGRATION_CONTENT_TYPE = 'application/vnd.awslambda.http-integration-response';

/** Response header of `InvokeWithResponseStream` with the content type the function set; HTTP's own names the event stream. */
export const REMAPPED_CONTENT_TYPE_HEADER = 'x-amzn-remapped-content-type';

/** Response header by which the local target says what it is: its `InvokeComplete` may have `LocalNotes`. */
export const LOCAL_TARGET_HEADER = 'x-local-target';

/** What the Node.js runtime sends where the function sets no content type. */
export const DEFAULT_CONTENT_TYPE = 'application/octet-stream';

/** Content type by stream format. */
export const FORMAT_CONTENT_TYPES: Readonly<Record<StreamFormat, string>> = {
  bytes: DEFAULT_CONTENT_TYPE,
  text: 'text/plain; charset=utf-8',
  ndjson: 'application/x-ndjson',
  sse: 'text/event-stream',
};
