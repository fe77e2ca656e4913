/** Integrates a function with a REST API method in response transfer mode STREAM. */
import * as apigateway from 'aws-cdk-lib/aws-apigateway';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Duration, Lazy, Token } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { OBJECT, type Rules } from '../base/option-problem';
import { API_GATEWAY_STREAM_MAX_SECONDS } from '../wire/limits';
import { restTimeoutMessage } from './checks/rest-timeout';
import { idBelowStack } from './facts/id-below-stack';
import { cfnFunction, functionTimeout, type InvokedFunction, invokedFunction } from './facts/invoked-function';
import { warnAboutFunction } from './front-ends/front-end-warnings';
import { checkStreamMethod, methodArnOfStages } from './front-ends/rest-method';
import { allowApi } from './front-ends/service-permission';
import { checkProps, DURATION, FLAG, having } from './problems/check-props';
import { StreamingConstructError } from './problems/construct-error';
import { warnLate } from './problems/warnings';
import type { StreamingTenantId } from './streaming-tenant-id';

/** Options of a streaming integration. */
export interface StreamingLambdaIntegrationOptions {
  /**
   * Time after which API Gateway cuts the response, at most 15 minutes.
   *
   * Besides, API Gateway ends a stream that is silent for 5 minutes (edge-optimized APIs: 30 seconds).
   * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode.html
   *
   * @default Duration.minutes(15), so that the function's own timeout decides
   */
  readonly timeout?: Duration | undefined;

  /**
   * Where the tenant id of a request comes from, for functions with tenant isolation.
   * @see https://docs.aws.amazon.com/lambda/latest/dg/tenant-isolation.html
   *
   * @default - no tenant id; required where the function has tenant isolation
   */
  readonly tenantId?: StreamingTenantId | undefined;

  /**
   * Request parameters for the function, as `integration.request.<location>.<name>` to a mapping expression.
   *
   * @default - none
   */
  readonly requestParameters?: { [key: string]: string } | undefined;

  /**
   * Whether the permission names the method, or the whole API.
   *
   * With `false`, the methods of an API that lead to one function share a permission, which keeps the function's policy below
   * its 20 KB, and the console's test call is allowed too.
   *
   * @default true
   */
  readonly scopePermissionToMethod?: boolean | undefined;
}

const OPTIONS: Rules = {
  timeout: DURATION,
  tenantId: having('expression', "a StreamingTenantId, such as StreamingTenantId.fromHeader('x-tenant-id')"),
  requestParameters: OBJECT,
  scopePermissionToMethod: FLAG,
};

/**
 * Lets a REST API method stream what a function writes, as it writes it.
 *
 * Sets response transfer mode `STREAM`, a timeout of 15 minutes instead of 29 seconds, and gives exactly one permission.
 * Works on methods of any REST API; caching and compression of that API are refused at synth, because they buffer.
 *
 * @example
 *
 * declare const api: apigateway.RestApi;
 * declare const alias: lambda.Alias;
 * api.root.addResource('chat').addMethod('POST', new StreamingLambdaIntegration(alias));
 */
export class StreamingLambdaIntegration extends apigateway.AwsIntegration {
  private readonly callee: InvokedFunction;
  private readonly options: StreamingLambdaIntegrationOptions;
  private readonly timeout: Duration;

  /**
   * @throws an error where the timeout is beyond 15 minutes, an option cannot go with streaming, or a tenant-isolated
   * function gets no tenant id
   *
   * @param handler an alias, or a streaming function, which is entered by its live alias
   * @param options how to integrate
   */
  public constructor(handler: lambda.IFunction, options: StreamingLambdaIntegrationOptions = {}) {
    const callee = invokedFunction(handler);
    checkOptions(callee.behind, options);
    const timeout = options.timeout ?? Duration.seconds(API_GATEWAY_STREAM_MAX_SECONDS);
    checkLimits(callee.behind, options, timeout);
    super({
      proxy: true,
      service: 'lambda',
      path: `2021-11-15/functions/${callee.invoked.functionArn}/response-streaming-invocations`,
      options: {
        responseTransferMode: apigateway.ResponseTransferMode.STREAM,
        timeout,
        requestParameters: { ...options.requestParameters, ...options.tenantId?._integrationParameters() },
      },
    });
    this.callee = callee;
    this.options = options;
    this.timeout = timeout;
  }

  /** Called by the method that uses this integration. */
  public bind(method: apigateway.Method): apigateway.IntegrationConfig {
    const { behind } = this.callee;
    warnAboutFunction(method, this.callee);
    const runs = functionTimeout(behind)?.toSeconds();
    const cut = this.timeout.isUnresolved() ? undefined : this.timeout.toSeconds({ integral: false });
    if (runs !== undefined && cut !== undefined && cut < runs) {
      warnAtSynth(method, 'RestTimeout', restTimeoutMessage(cut, behind.node.path, runs));
    }
    checkStreamMethod(method, this.options.tenantId?._methodParameter());
    if (!this.allow(method)) warnAtSynth(method, 'RestPermissionMissing', permissionMissingMessage(this.callee));
    return { ...super.bind(method), deploymentToken: deploymentToken(behind) };
  }

  private allow(method: apigateway.Method): boolean {
    const { invoked } = this.callee;
    const from = (produce: () => string) => ({ service: API_GATEWAY, sourceArn: Lazy.string({ produce }) });
    if (this.options.scopePermissionToMethod ?? true) {
      return allowApi(
        method,
        'StreamPermission',
        invoked,
        from(() => methodArnOfStages(method)),
      );
    }
    const api = method.api as unknown as Construct;
    const id = `StreamPermission${idBelowStack(api, invoked)}`;
    const given = api.node.tryFindChild(id) !== undefined;
    return (
      given ||
      allowApi(
        api,
        id,
        invoked,
        from(() => method.api.arnForExecuteApi()),
      )
    );
  }
}

/** A method is bound before its resource exists, which is where the CDK knows the line of the source. */
function warnAtSynth(method: apigateway.Method, id: string, message: string): void {
  method.node.addValidation({
    validate: () => {
      warnLate(method, id, message);
      return [];
    },
  });
}

const API_GATEWAY = 'apigateway.amazonaws.com';

/** A function of a new name is a change of the API that only a new deployment of it brings to callers. */
function deploymentToken(behind: lambda.IFunction): string | undefined {
  const functionName = cfnFunction(behind)?.functionName ?? behind.functionName;
  return Token.isUnresolved(functionName) ? undefined : JSON.stringify({ functionName });
}

function permissionMissingMessage({ invoked }: InvokedFunction): string {
  return (
    `the function ${invoked.functionArn} is defined elsewhere, so its owner has to allow this API: ` +
    `a permission for ${API_GATEWAY} on lambda:InvokeFunction, with the ARN of the method as source`
  );
}

function checkOptions(fn: lambda.IFunction, options: StreamingLambdaIntegrationOptions): void {
  const surplus = Object.entries(options).find(([key, value]) => !Object.hasOwn(OPTIONS, key) && value !== undefined);
  if (surplus) {
    throw new StreamingConstructError(
      fn,
      'RestOptionNotStreaming',
      `option '${surplus[0]}' cannot be used with a streaming integration, which is always an uncached, unmapped proxy integration; allowed: ${Object.keys(OPTIONS).join(', ')}`,
    );
  }
  checkProps(fn, '', options, { noun: 'options of the integration', rules: OPTIONS });
}

function checkLimits(fn: lambda.IFunction, options: StreamingLambdaIntegrationOptions, timeout: Duration): void {
  if (!timeout.isUnresolved() && timeout.toMilliseconds() > API_GATEWAY_STREAM_MAX_SECONDS * 1000) {
    throw new StreamingConstructError(
      fn,
      'RestTimeoutTooLong',
      `timeout of a streaming integration must be 15 minutes or less, got ${timeout.toHumanString()}; pass Duration.minutes(15) or less, or omit it`,
    );
  }
  if (fn.tenancyConfig && !options.tenantId) {
    throw new StreamingConstructError(
      fn,
      'RestTenantMissing',
      "the function has tenant isolation, and API Gateway sends no tenant id unless told where to find it; add tenantId, for example StreamingTenantId.fromHeader('x-tenant-id')",
    );
  }
}
