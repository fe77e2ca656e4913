/** A managed runtime that buffers stands behind a streaming front end: callers get one late block, and nothing says so. */
import { BUFFERING_RUNTIME } from '../facts/streaming-facts';
import { findFact } from './function-facts';
import type { Rule } from './rule';
import { streamingFrontEnds } from './streaming-front-ends';

export const bufferingRuntime: Rule = {
  id: BUFFERING_RUNTIME.id,
  find: (app) => findFact(BUFFERING_RUNTIME, streamingFrontEnds(app)),
};
