/** Turns what the floors below raise while a stream is read into a {@link StreamError}. */
import { isContractError } from '../../contract/contract-error';
import { isWireError } from '../../wire/wire-error';
import { isStreamError, type StreamError } from '../errors/stream-error';
import { describe } from '../errors/system-error';
import { PayloadFailure } from './payload-source';
import type { StreamProgress } from './stream-progress';

/** `cause` as an error of this stream. */
export function toStreamError(cause: unknown, progress: StreamProgress): StreamError {
  if (isStreamError(cause)) return cause;
  if (cause instanceof PayloadFailure) {
    return progress.error(cause.code, cause.message, cause.details, { cause: cause.cause, retryable: true });
  }
  if (isWireError(cause)) {
    const { kind, line, byteOffset, excerpt, message } = cause;
    if (kind === 'prelude-truncated') return progress.error('TRUNCATED', message, { where: 'prelude' }, { cause });
    return progress.error('DECODE', message, { kind, line, byteOffset, excerpt }, { cause });
  }
  if (!isContractError(cause)) {
    const message = `a chunk could not be checked: ${describe(cause)}; a schema should give issues and not throw`;
    return progress.error('CHUNK_INVALID', message, { part: 'chunk', index: progress.chunks, issues: [] }, { cause });
  }
  const { kind, message, issues, index = progress.chunks } = cause;
  if (kind === 'chunk-count-wrong') {
    return progress.error('TRUNCATED', message, { where: 'count' }, { cause, retryable: true });
  }
  if (kind === 'chunk-invalid' || kind === 'final-invalid') {
    const part = kind === 'chunk-invalid' ? 'chunk' : 'final';
    return progress.error('CHUNK_INVALID', message, { part, index, issues }, { cause });
  }
  return progress.error('DECODE', message, { kind }, { cause });
}
