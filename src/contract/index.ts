/** The typed agreement between a streaming function and its callers. Portable: no Node.js built-ins, no dependencies. */

export type { HttpPrelude } from '../wire/http-prelude';
export type { SseEvent } from '../wire/sse';
export type { StreamFailure } from '../wire/stream-control';
export type { StreamFormat } from '../wire/stream-format';
export { isWireError, WireError } from '../wire/wire-error';
export type { ContractErrorCode, ContractPart } from './contract-error';
export { ContractError, isContractError } from './contract-error';
export type { ContractIssue } from './contract-issue';
export type { StandardIssue, StandardResult, StandardSchema, StandardSchemaProps } from './standard-schema';
export { unchecked } from './standard-schema';
export type {
  Completion,
  ContractTypes,
  InferChunk,
  InferErrorData,
  InferFinal,
  InferHandlerChunk,
  InferHandlerErrorData,
  InferHandlerFinal,
  InferHandlerInput,
  InferInput,
  Passed,
  PlainChunks,
  StreamContract,
  StreamContractOptions,
  TypesOf,
} from './stream-contract';
export { streamContract } from './stream-contract';
