/** Saves what the page knows of a call: as a cassette that tests play again, and as a picture. */
import { streamTimeline } from '../src/testing/stream-timeline';
import { encodeCassette, type RecordedPiece } from '../src/wire/cassette';
import { HTTP_INTEGRATION_CONTENT_TYPE } from '../src/wire/content-types';
import { PreludeSplitter } from '../src/wire/http-prelude';
import { bytesOf, type Call } from './calls';
import { stateOf } from './state';

/** Why a call cannot be a cassette; undefined where it can. */
export function cassetteProblem({ answered, ended, pieces }: Call): string | undefined {
  if (ended === undefined) return 'it is still running';
  if (answered === undefined) return 'the function did not answer';
  return pieces.some((piece) => bytesOf(piece) === undefined) ? 'more than 4 MiB are not kept' : undefined;
}

/** The stream as a client saw it, in the form of `StreamRecorder`. */
export function cassetteOf(call: Call): string {
  const { acceptedAt, answered, ended, log, pieces } = call;
  const contentType = answered?.contentType ?? 'application/octet-stream';
  const splitter = contentType === HTTP_INTEGRATION_CONTENT_TYPE ? new PreludeSplitter() : undefined;
  const recorded = pieces.flatMap((piece): RecordedPiece[] => {
    const whole = bytesOf(piece) ?? new Uint8Array(0);
    const bytes = splitter === undefined ? whole : splitter.push(whole);
    return bytes.length === 0 ? [] : [{ ms: piece.at - acceptedAt, bytes }];
  });
  const { statusCode: status = 200, headers, cookies = [] } = splitter?.prelude ?? {};
  const pairs = [
    ...Object.entries(headers ?? { 'content-type': contentType }).map(
      ([name, value]) => [name.toLowerCase(), String(value)] as const,
    ),
    ...cookies.map((cookie) => ['set-cookie', cookie] as const),
  ];
  const end = stateOf(call) === 'cut' ? ('broken' as const) : ('complete' as const);
  const logTail = log.map(({ message }) => `${message}\n`).join('');
  const ms = (ended?.at ?? acceptedAt) - acceptedAt;
  return encodeCassette([
    {
      status,
      headers: pairs,
      hasPrelude: splitter !== undefined,
      pieces: recorded,
      end: { ms, end, ...(end === 'complete' && { logTail }) },
    },
  ]);
}

export function pictureOf(call: Call, title: string): string {
  const { acceptedAt, completed, ended, pieces } = call;
  const state = stateOf(call);
  const error = state === 'whole' ? undefined : (completed?.errorMessage ?? ended?.refusal ?? state);
  return streamTimeline({
    title,
    chunks: pieces.map(({ at, bytes }) => ({ atMs: at - acceptedAt, bytes })),
    totalMs: (ended?.at ?? acceptedAt) - acceptedAt,
    ...(error !== undefined && { error }),
  });
}

export function download(name: string, type: string, text: string): void {
  const link = document.createElement('a');
  link.download = name;
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.click();
  URL.revokeObjectURL(link.href);
}
