/** What a rendered function itself says against streaming: the rules of facts that a constructor of ours looks at too. */
import {
  BUFFERING_RUNTIME,
  DURABLE_STREAM,
  type FunctionFacts,
  type StreamingFact,
  VPC_URL,
} from '../facts/streaming-facts';
import { isObject, type JsonObject, listOf, member, pathOf, type RenderedResource, textOf } from './rendered-resource';
import type { Finding, Rule } from './rule';
import { type StreamingFrontEnd, streamingFrontEnds, streamingUrls } from './streaming-front-ends';

function factsOfResource(fn: RenderedResource): FunctionFacts {
  const { properties } = fn;
  return {
    runtime: textOf(properties['Runtime']),
    environment: variablesOf(fn),
    isDurable: properties['DurableConfig'] !== undefined,
    isInVpc: listOf(member(properties['VpcConfig'], 'SubnetIds')).length > 0,
  };
}

/** Environment variables of the function, as rendered. */
export function variablesOf(fn: RenderedResource): JsonObject {
  const variables = member(fn.properties['Environment'], 'Variables');
  return isObject(variables) ? variables : {};
}

/** A finding on each of the front ends whose function the fact holds for. */
function* findFact(fact: StreamingFact, frontEnds: readonly StreamingFrontEnd[]): Iterable<Finding> {
  for (const { at, callee } of frontEnds) {
    const fn = callee?.fn;
    const facts = fn && factsOfResource(fn);
    if (fn && facts && fact.holds(facts)) yield { at, message: fact.message(pathOf(fn), facts) };
  }
}

/** A managed runtime that buffers: callers get one late block, and nothing says so. */
export const bufferingRuntime: Rule = {
  id: BUFFERING_RUNTIME.id,
  find: (app) => findFact(BUFFERING_RUNTIME, streamingFrontEnds(app)),
};

/** AWS documents no response streaming for durable functions. */
export const durableStream: Rule = {
  id: DURABLE_STREAM.id,
  find: (app) => findFact(DURABLE_STREAM, streamingFrontEnds(app)),
};

/** A function attached to a VPC streams through a URL: documented as not supported. */
export const vpcUrl: Rule = {
  id: VPC_URL.id,
  find: (app) => findFact(VPC_URL, streamingUrls(app)),
};
