/** Functions written in the test around the library's sources, bundled as a user's bundler does it, on the local target. */
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { type LocalLambda, startLocalLambda } from '../../local/operations/local-lambda';

const root = join(__dirname, '../../..');

/** `source` with the library inside; `webHandler` and its like are in scope. Packages are looked for in `nodePaths` too; those in `external` stay outside. */
export function bundled(source: string, nodePaths: readonly string[] = [], external: readonly string[] = []): string {
  const { outputFiles } = buildSync({
    stdin: {
      contents: `import * as web from './src/web'; import { streamContract } from './src/contract'; import { streamHandler } from './src/handler';
        const { webHandler, nodeHandler, keepStreaming, contractRoute } = web;
        ${source}`,
      resolveDir: root,
      loader: 'ts',
    },
    bundle: true,
    nodePaths: [...nodePaths],
    external: [...external],
    // Some packages are CommonJS inside.
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
    write: false,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'error',
  });
  return outputFiles[0]?.text ?? '';
}

export interface WebFunctions extends LocalLambda {
  /** The function URL, without a slash at its end. */
  serve(
    source: string,
    overrides?: Parameters<LocalLambda['define']>[1],
    nodePaths?: readonly string[],
    external?: readonly string[],
  ): string;
}

export async function startWebFunctions(): Promise<WebFunctions> {
  const lambda = await startLocalLambda();
  let count = 0;
  return {
    ...lambda,
    serve: (source, overrides, nodePaths, external) => {
      const urlId = `web${++count}`;
      const url = `${lambda.url}/lambda-url/${urlId}`;
      const definition = lambda.define(bundled(source, nodePaths, external), overrides);
      definition.urls.push({
        urlId,
        qualifier: undefined,
        authType: 'NONE',
        invokeMode: 'RESPONSE_STREAM',
        url: `${url}/`,
      });
      return url;
    },
  };
}
