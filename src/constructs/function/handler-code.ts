/** Decides which code a streaming function runs from the ways its caller may say so. */
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Token } from 'aws-cdk-lib/core';
import type { IConstruct } from 'constructs';
import { BundlingError, isBundlingError } from '../bundling/bundling-error';
import { StreamingConstructError } from '../problems/construct-error';

/** The newest Node.js runtime of the oldest aws-cdk-lib we support. */
const DEFAULT_RUNTIME = lambda.Runtime.NODEJS_24_X;

/** Runs a web server behind the adapter; in the bundle of an entry it is written by us. */
const START_SCRIPT = 'run.sh';

/** The properties of a streaming function that say what it runs. */
export interface CodeSource {
  readonly entry?: string;
  readonly bundling?: object;
  readonly code?: lambda.Code;
  readonly image?: lambda.DockerImageCode;
  readonly handler?: string;
  readonly runtime?: lambda.Runtime;
  readonly architecture?: lambda.Architecture;
  readonly webAdapter?: object;
}

export interface HandlerCode {
  readonly code: lambda.Code;
  readonly handler: string;
  readonly runtime: lambda.Runtime;
}

/** @throws StreamingConstructError where the code is given in no way, or in two that disagree */
export function handlerCode(
  scope: IConstruct,
  id: string,
  source: CodeSource,
  bundle: (entry: string) => lambda.Code,
): HandlerCode {
  const said = (['entry', 'code', 'image'] as const).filter((key) => source[key] !== undefined);
  const [kind] = said;
  if (kind === undefined || said.length > 1) {
    throw new StreamingConstructError(
      scope,
      'CodeSource',
      `${id}: pass exactly one of entry (a source file to bundle), code (code that is ready) and image (a container image), got ${said.join(' and ') || 'none'}`,
    );
  }
  if (source.bundling && kind !== 'entry') {
    throw new StreamingConstructError(
      scope,
      'CodeSource',
      `${id}: bundling says how to bundle an entry, but the code is given by ${kind}; remove bundling`,
    );
  }
  if (source.entry !== undefined) {
    const { entry } = source;
    return fromEntry(scope, id, source, () => bundle(entry));
  }
  if (source.image !== undefined) return fromImage(scope, id, source, source.image);
  const isImage = source.runtime === lambda.Runtime.FROM_IMAGE;
  return {
    code: source.code as lambda.Code,
    handler: source.handler ?? (isImage ? lambda.Handler.FROM_IMAGE : defaultHandler(source)),
    runtime: source.runtime ?? DEFAULT_RUNTIME,
  };
}

/** The adapter starts a program, by custom a script of this name; otherwise Lambda calls an exported function. */
function defaultHandler(source: CodeSource): string {
  return source.webAdapter ? START_SCRIPT : 'index.handler';
}

function fromEntry(scope: IConstruct, id: string, source: CodeSource, bundle: () => lambda.Code): HandlerCode {
  const runtime = source.runtime ?? DEFAULT_RUNTIME;
  if (runtime.family !== lambda.RuntimeFamily.NODEJS && !Token.isUnresolved(runtime.name)) {
    throw new StreamingConstructError(
      scope,
      'EntryRuntime',
      `${id}: an entry is bundled for Node.js, got runtime ${runtime.name}; pass code instead of entry, or a Node.js runtime`,
    );
  }
  if (source.webAdapter)
    return { code: bundledCode(scope, id, bundle), handler: serverHandler(scope, id, source), runtime };
  const handler = source.handler ?? 'handler';
  if (handler === '') {
    throw new StreamingConstructError(
      scope,
      'EntryHandler',
      `${id}: handler must name an export of the entry, such as 'handler' or 'index.handler', got ''; leave it out for 'handler'`,
    );
  }
  return {
    code: bundledCode(scope, id, bundle),
    handler: handler.includes('.') ? handler : `index.${handler}`,
    runtime,
  };
}

/** Behind the adapter the entry is a web server, which a script in the bundle starts. */
function serverHandler(scope: IConstruct, id: string, source: CodeSource): string {
  const { handler = START_SCRIPT } = source;
  if (handler === START_SCRIPT || Token.isUnresolved(handler)) return handler;
  throw new StreamingConstructError(
    scope,
    'WebAdapterHandler',
    `${id}: with webAdapter the entry is a web server that listens on process.env.PORT, started by ${START_SCRIPT}, which is ` +
      `written into the bundle; leave handler out, got '${handler}', or leave webAdapter out for an exported handler`,
  );
}

/** Code does not know which construct it is for until the construct exists, which it never will for a bad entry. */
function bundledCode(scope: IConstruct, id: string, bundle: () => lambda.Code): lambda.Code {
  try {
    return bundle();
  } catch (error) {
    if (!isBundlingError(error)) throw error;
    const path = [scope.node.path, id].filter((part) => part !== '').join('/');
    throw new BundlingError(error.code, `'${path}': ${error.message}`, error.cause);
  }
}

function fromImage(scope: IConstruct, id: string, source: CodeSource, image: lambda.DockerImageCode): HandlerCode {
  if (source.handler !== undefined || (source.runtime !== undefined && source.runtime !== lambda.Runtime.FROM_IMAGE)) {
    throw new StreamingConstructError(
      scope,
      'ImageHandler',
      `${id}: a container image brings its own runtime and handler; remove handler and runtime, or set the command of the image`,
    );
  }
  return {
    code: image._bind(source.architecture),
    handler: lambda.Handler.FROM_IMAGE,
    runtime: lambda.Runtime.FROM_IMAGE,
  };
}
