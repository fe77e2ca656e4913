/** A function attached to a VPC streams through a URL: documented as not supported. */
import { VPC_URL } from '../facts/streaming-facts';
import { findFact } from './function-facts';
import type { Rule } from './rule';
import { streamingUrls } from './streaming-front-ends';

export const vpcUrl: Rule = {
  id: VPC_URL.id,
  find: (app) => findFact(VPC_URL, streamingUrls(app)),
};
