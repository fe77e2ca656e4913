/** Reads from a rendered function what decides whether it streams. */
import type { FunctionFacts, StreamingFact } from '../facts/streaming-facts';
import { isObject, type JsonObject, listOf, member, pathOf, type RenderedResource, textOf } from './rendered-resource';
import type { Finding } from './rule';
import type { StreamingFrontEnd } from './streaming-front-ends';

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
export function* findFact(fact: StreamingFact, frontEnds: readonly StreamingFrontEnd[]): Iterable<Finding> {
  for (const { at, callee } of frontEnds) {
    const fn = callee?.fn;
    const facts = fn && factsOfResource(fn);
    if (fn && facts && fact.holds(facts)) yield { at, message: fact.message(pathOf(fn), facts) };
  }
}
