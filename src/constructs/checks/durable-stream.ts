/** A durable function stands behind a streaming front end: AWS documents no response streaming for durable functions. */
import { DURABLE_STREAM } from '../facts/streaming-facts';
import { findFact } from './function-facts';
import type { Rule } from './rule';
import { streamingFrontEnds } from './streaming-front-ends';

export const durableStream: Rule = {
  id: DURABLE_STREAM.id,
  find: (app) => findFact(DURABLE_STREAM, streamingFrontEnds(app)),
};
