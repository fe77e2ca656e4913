/** Lambda Web Adapter: makes an ordinary web server stream from Lambda, in runtimes that cannot do so themselves. */
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { ArnFormat, Stack, Token } from 'aws-cdk-lib/core';
import { optionProblem, type Rules, STRING } from '../base/option-problem';
import { StreamingConstructError } from './problems/construct-error';

/**
 * How the Lambda Web Adapter reaches the web server.
 *
 * @see https://awslabs.github.io/aws-lambda-web-adapter/configuration/readiness-check.html
 */
export interface WebAdapterOptions {
  /**
   * TCP port the web server listens on.
   *
   * @default 8080
   */
  readonly port?: number | undefined;

  /**
   * Path that answers with a status below 500 once the web server is ready.
   *
   * @default '/'
   */
  readonly readinessCheckPath?: string | undefined;
}

/**
 * Options of the Lambda Web Adapter from its public layer.
 */
export interface WebAdapterLayerOptions extends WebAdapterOptions {
  /**
   * Version of the public layer.
   *
   * @see https://github.com/aws/aws-lambda-web-adapter/releases
   * @default 27, which is Lambda Web Adapter 1.0.0
   */
  readonly layerVersion?: number | undefined;
}

/** Publishes the layers in every commercial region. */
const LAYER_ACCOUNT = '753240598075';
const LAYER_VERSION = 27;

/** Starts the handler as a program of its own, with the adapter in front; part of the layer. */
const EXEC_WRAPPER = '/opt/bootstrap';
const INVOKE_MODE = 'response_stream';

/**
 * Where the Lambda Web Adapter comes from.
 *
 * The adapter is an extension that turns each invoke into an HTTP request to a web server in the function, and streams
 * its response back. It makes functions in Python, Java or Ruby stream.
 *
 * @see https://github.com/aws/aws-lambda-web-adapter
 * @example
 *
 * new StreamingFunction(this, 'Chat', {
 *   runtime: lambda.Runtime.PYTHON_3_13,
 *   code: lambda.Code.fromAsset('app'), // with a script run.sh that starts the web server
 *   handler: 'run.sh',
 *   webAdapter: WebAdapter.layer({ port: 8000, readinessCheckPath: '/health' }),
 * });
 */
export class WebAdapter {
  /**
   * The public layer of the adapter, for the region and architecture of the function.
   *
   * @param options version, port and readiness path
   */
  public static layer(options: WebAdapterLayerOptions = {}): WebAdapter {
    return new WebAdapter(options, (fn) =>
      lambda.LayerVersion.fromLayerVersionArn(fn, 'WebAdapter', publicLayerArn(fn, options.layerVersion)),
    );
  }

  /**
   * A layer of your own, for example a copy in your account.
   *
   * @param layer the layer; for the architecture of the function
   * @param options port and readiness path
   */
  public static fromLayerVersion(layer: lambda.ILayerVersion, options: WebAdapterOptions = {}): WebAdapter {
    return new WebAdapter(options, () => layer);
  }

  /**
   * The adapter is in the container image already: its Dockerfile copies it to `/opt/extensions`.
   *
   * @param options port and readiness path
   */
  public static inImage(options: WebAdapterOptions = {}): WebAdapter {
    return new WebAdapter(options);
  }

  private constructor(
    private readonly options: WebAdapterOptions,
    private readonly layerFor?: (fn: lambda.Function) => lambda.ILayerVersion,
  ) {
    const problem = optionProblem(options, ADAPTER_OPTIONS, 'option of the web adapter');
    if (problem !== undefined) throw new TypeError(problem);
    const { port } = options;
    if (port !== undefined && !Token.isUnresolved(port) && !(Number.isInteger(port) && port >= 1 && port <= 65_535)) {
      throw new RangeError(`port must be a whole number from 1 to 65535, got ${port}`);
    }
  }

  /**
   * Gives the adapter to a function; called by `StreamingFunction`.
   *
   * @throws an error where the function is an image and the adapter a layer, or the other way round
   *
   * @param fn the function
   */
  public attachTo(fn: lambda.Function): void {
    const isImage = fn.runtime === lambda.Runtime.FROM_IMAGE;
    if (isImage !== (this.layerFor === undefined)) {
      throw new StreamingConstructError(
        fn,
        'WebAdapterPackaging',
        isImage
          ? 'a container image cannot have layers; copy the adapter into the image and pass webAdapter: WebAdapter.inImage()'
          : 'WebAdapter.inImage() is for container images; pass webAdapter: WebAdapter.layer() for code in a zip file',
      );
    }
    for (const [name, value] of Object.entries(this.environment())) fn.addEnvironment(name, value);
    if (this.layerFor) fn.addLayers(this.layerFor(fn));
  }

  /**
   * The environment variables by which the adapter is told.
   */
  public environment(): { [name: string]: string } {
    const { port, readinessCheckPath } = this.options;
    return {
      AWS_LWA_INVOKE_MODE: INVOKE_MODE,
      ...(this.layerFor && { AWS_LAMBDA_EXEC_WRAPPER: EXEC_WRAPPER }),
      ...(port !== undefined && { AWS_LWA_PORT: String(port) }),
      ...(readinessCheckPath !== undefined && { AWS_LWA_READINESS_CHECK_PATH: readinessCheckPath }),
    };
  }
}

function publicLayerArn(fn: lambda.Function, version = LAYER_VERSION): string {
  const stack = Stack.of(fn);
  if (!Token.isUnresolved(stack.region) && stack.region.startsWith('cn-')) {
    throw new StreamingConstructError(
      fn,
      'WebAdapterRegion',
      `the public layer of the Lambda Web Adapter is not in ${stack.region}; publish it in your account and pass WebAdapter.fromLayerVersion()`,
    );
  }
  const name =
    fn.architecture.name === lambda.Architecture.ARM_64.name ? 'LambdaAdapterLayerArm64' : 'LambdaAdapterLayerX86';
  return stack.formatArn({
    service: 'lambda',
    account: LAYER_ACCOUNT,
    resource: 'layer',
    resourceName: `${name}:${version}`,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
}

const ADAPTER_OPTIONS: Rules = {
  port: { allowed: 'a number', fits: (value) => typeof value === 'number' },
  readinessCheckPath: STRING,
  layerVersion: { allowed: 'a number', fits: (value) => typeof value === 'number' },
};
