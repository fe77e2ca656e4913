/** A model that says what a test tells it, in the protocols of OpenAI, Anthropic and Amazon Bedrock, on a port of its own. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  isFunction,
  isString,
  milliseconds,
  optionProblem,
  type Rules,
  show,
  wholeNumber,
} from '../base/option-problem';
import { LocalConfigError } from '../local/local-error';
import { startLoopbackServer, writePiece } from './loopback-server';
import { type ModelProtocol, modelHeaders, modelPieces } from './model-protocols';

export interface ScriptedModelOptions {
  /** What it says, token by token. A function chooses by the request's JSON. */
  readonly tokens: readonly string[] | ((request: unknown) => readonly string[]);
  /**
   * Pause before each token, in milliseconds.
   * @default 0
   */
  readonly pauseMs?: number;
  /**
   * Cuts the connection after as many pieces (events or frames), as a model that breaks down does.
   * @default - never
   */
  readonly breaksAfter?: number;
}

export interface ScriptedModel {
  /** `http://127.0.0.1:<port>`: with `/v1` the base URL of OpenAI's clients, as it is that of Anthropic's and Bedrock's. */
  readonly url: string;
  /** JSON of the requests so far. */
  readonly requests: readonly unknown[];
  stop(): Promise<void>;
}

const ROUTES: readonly (readonly [RegExp, ModelProtocol])[] = [
  [/\/chat\/completions$/, 'openai-chat'],
  [/\/responses$/, 'openai-responses'],
  [/\/messages$/, 'anthropic'],
  [/\/model\/[^/]+\/converse-stream$/, 'bedrock-converse'],
  [/\/model\/[^/]+\/invoke-with-response-stream$/, 'bedrock-invoke'],
];

const isTokens = (value: unknown): value is readonly string[] => Array.isArray(value) && value.every(isString);

const RULES: Rules = {
  tokens: {
    allowed: 'an array of strings, or a function that gives one',
    fits: (value) => isFunction(value) || isTokens(value),
  },
  pauseMs: milliseconds(0),
  breaksAfter: { ...wholeNumber(0), fits: (value) => value === Infinity || wholeNumber(0).fits(value) },
};

/**
 * Starts a model on a loopback port. It answers every streaming request; others, and paths that are none of its
 * protocols, get status 404 and the list of paths.
 * @throws an error of code `CONFIG_INVALID` for an option that is missing, unknown or has a wrong value
 */
export async function startScriptedModel(options: ScriptedModelOptions): Promise<ScriptedModel> {
  const problem =
    optionProblem(options, RULES) ??
    (options.tokens === undefined ? `tokens must be ${RULES['tokens']?.allowed}, got undefined` : undefined);
  if (problem !== undefined) throw new LocalConfigError(`startScriptedModel(): ${problem}`);
  const requests: unknown[] = [];
  const server = await startLoopbackServer((request, body, response) =>
    answer(options, requests, request, body, response),
  );
  return { ...server, requests };
}

async function answer(
  { tokens, pauseMs = 0, breaksAfter = Infinity }: ScriptedModelOptions,
  requests: unknown[],
  request: IncomingMessage,
  body: Buffer,
  response: ServerResponse,
): Promise<void> {
  const path = (request.url ?? '').split('?')[0] ?? '';
  const [, protocol] = ROUTES.find(([pattern]) => pattern.test(path)) ?? [];
  if (request.method !== 'POST' || protocol === undefined) {
    const paths = ROUTES.map(([pattern]) => pattern.source.replace(/\\|\$/g, '')).join(', ');
    response.writeHead(404).end(`a scripted model answers POST to ${paths}, got ${request.method} ${path}`);
    return;
  }
  const json: { readonly model?: string } = JSON.parse(body.toString('utf8') || '{}');
  requests.push(json);
  const said: unknown = typeof tokens === 'function' ? tokens(json) : tokens;
  if (!isTokens(said)) {
    response.writeHead(500).end(`the function 'tokens' must give an array of strings, got ${show(said)}`);
    return;
  }
  response.writeHead(200, modelHeaders(protocol)).flushHeaders();
  for (const [at, piece] of modelPieces(protocol, said, json.model).entries()) {
    if (at >= breaksAfter) {
      response.destroy();
      return;
    }
    if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
    await writePiece(response, piece);
  }
  response.end();
}
