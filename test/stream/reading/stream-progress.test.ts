import { StreamProgress } from '../../../src/stream/reading/stream-progress';

test('counts nothing before anything came', () => {
  expect(new StreamProgress().metrics()).toEqual({
    attempts: 1,
    headersMs: 0,
    firstByteMs: undefined,
    totalMs: expect.any(Number),
    maxGapMs: 0,
    chunks: 0,
    payloadPieces: 0,
    payloadBytes: 0,
  });
});

test('the first byte is that of the first piece that has one', () => {
  const progress = new StreamProgress();
  progress.count(new Uint8Array(0));
  expect(progress.metrics()).toMatchObject({ firstByteMs: undefined, payloadPieces: 1, payloadBytes: 0 });
  progress.count(new Uint8Array(3));
  const { firstByteMs } = progress.metrics();
  progress.count(new Uint8Array(4));
  expect(progress.metrics()).toMatchObject({ firstByteMs, payloadPieces: 3, payloadBytes: 7 });
  expect(firstByteMs).toBeGreaterThanOrEqual(0);
});

test('another reader of the payload begins with what is known of the call, and with no payload', () => {
  const progress = new StreamProgress();
  Object.assign(progress, { requestId: 'id', attempts: 2, headersMs: 7 });
  progress.count(new Uint8Array(3));
  expect(progress.fork().metrics()).toMatchObject({ attempts: 2, headersMs: 7, payloadPieces: 0, payloadBytes: 0 });
  expect(progress.fork().error('ABORTED', 'x', {})).toMatchObject({ requestId: 'id', phase: 'before-first-byte' });
});

test('an error says in which phase of the stream it came', () => {
  const progress = new StreamProgress();
  const phase = () => progress.error('ABORTED', 'x', {}).phase;
  expect(phase()).toBe('before-first-byte');
  progress.count(new Uint8Array(1));
  expect(phase()).toBe('streaming');
  progress.ended = true;
  expect(phase()).toBe('end');
});
