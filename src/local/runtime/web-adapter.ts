/**
 * Functions with the Lambda Web Adapter, whose handler is a script that starts a web server, or whose image does. The target plays the adapter: a
 * program of this package, run by the runtime interface client, starts the server and turns events into requests to it.
 * https://awslabs.github.io/aws-lambda-web-adapter/
 */
import { accessSync, constants, statSync } from 'node:fs';
import { join } from 'node:path';
import type { FunctionConfiguration } from '../state';
import { assetFolder } from './runtime-path';

/** Starts the handler as a program, with the adapter in front; part of the adapter's layer. */
const EXEC_WRAPPER = '/opt/bootstrap';

export function hasWebAdapter({
  environment,
  imageUri,
  imageCommand,
}: Pick<FunctionConfiguration, 'environment' | 'imageUri' | 'imageCommand'>): boolean {
  if (imageCommand !== undefined) return true;
  return imageUri === undefined && environment['AWS_LAMBDA_EXEC_WRAPPER'] === EXEC_WRAPPER;
}

/** `arn:…:layer:LambdaAdapterLayerX86:25`, `…Arm64:25` and the like, of the account that publishes them in each partition. */
export function isWebAdapterLayer(layerVersionArn: string): boolean {
  return /:layer:LambdaAdapterLayer/.test(layerVersionArn);
}

/** Part of the time for an initialization within which the server is to be ready, so that its absence is told and not only seen. */
const READY_SHARE = 0.9;

/**
 * What the adapter starts where it is no wrapper: in front of an OS-only runtime the package's `bootstrap` is the web server
 * (https://github.com/awslabs/aws-lambda-web-adapter/tree/main/examples/rust-axum-zip).
 */
export function adaptedBootstrap(runtime: string, codeDirectory: string): readonly [string] | undefined {
  return runtime.startsWith('provided') ? [join(codeDirectory, 'bootstrap')] : undefined;
}

/** What makes the runtime interface client load the program, and the program the start script. */
export function webAdapterEnvironment(
  { codeDirectory, handler, imageCommand = [join(codeDirectory, handler)] }: FunctionConfiguration,
  initTimeoutMs: number,
): Record<string, string> {
  return {
    LOCAL_WEB_ADAPTER_READY_MS: String(initTimeoutMs * READY_SHARE),
    _HANDLER: 'index.handler',
    LAMBDA_TASK_ROOT: assetFolder('web-adapter'),
    LOCAL_WEB_ADAPTER_ROOT: codeDirectory,
    LOCAL_WEB_ADAPTER_HANDLER: handler,
    LOCAL_WEB_ADAPTER_COMMAND: JSON.stringify(imageCommand),
  };
}

/** Why Lambda cannot start the script; undefined where it can. */
export function startScriptProblem(codeDirectory: string, handler: string): string | undefined {
  const script = join(codeDirectory, handler);
  if (statSync(script, { throwIfNoEntry: false })?.isFile() !== true) {
    return `its code in '${codeDirectory}' has no start script '${handler}', which the web adapter would run`;
  }
  try {
    accessSync(script, constants.X_OK);
    return undefined;
  } catch {
    return `its start script '${handler}' may not be executed; run 'chmod +x ${handler}' before synth`;
  }
}
