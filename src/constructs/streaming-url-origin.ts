/** A streaming function URL as a CloudFront origin: requests signed by CloudFront, and allowed once per distribution. */
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { type Duration, Fn, Stack, Token } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { isObject } from '../base/is-object';
import { OBJECT, show } from '../base/option-problem';
import { CLOUDFRONT_READ_TIMEOUT_MAX_SECONDS } from '../wire/limits';
import { originAccess } from './front-ends/origin-access';
import { type CheckedProps, checkProps, DURATION, TEXT } from './problems/check-props';
import { StreamingConstructError } from './problems/construct-error';
import { warn } from './problems/warnings';

/** How CloudFront reaches a streaming function URL. */
export interface StreamingUrlOriginProps {
  /**
   * Longest silence of the function: before the first byte, and between two packets.
   *
   * Up to 120 seconds; more needs a quota increase in the account.
   * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesOrigin.html
   *
   * @default Duration.seconds(60)
   */
  readonly readTimeout?: Duration | undefined;

  /**
   * How long an idle connection to the URL is kept for the next request.
   *
   * @default Duration.seconds(5)
   */
  readonly keepaliveTimeout?: Duration | undefined;

  /**
   * Longest time for the whole response, from 1 to 3600 seconds and not below `readTimeout`.
   *
   * @default - no limit but the function's own timeout
   */
  readonly responseCompletionTimeout?: Duration | undefined;

  /**
   * Headers CloudFront adds to each request to the URL.
   *
   * @default - none
   */
  readonly customHeaders?: Record<string, string> | undefined;

  /**
   * A path that CloudFront puts before each request's own.
   *
   * @default - none
   */
  readonly originPath?: string | undefined;
}

const READ_TIMEOUT_SECONDS = 60;
const KEEPALIVE_SECONDS = 5;

/**
 * An origin for streaming function URLs, for behaviors of any distribution.
 *
 * However many behaviors lead to one URL, a distribution gets one origin access control and one pair of permissions for it.
 * Callers that send a body must add its SHA-256 as `x-amz-content-sha256`: CloudFront cannot sign what it has not read.
 * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-lambda.html
 *
 * @example
 *
 * declare const url: StreamingFunctionUrl;
 * declare const distribution: cloudfront.Distribution;
 * distribution.addBehavior('/chat/*', new StreamingUrlOrigin(url), {
 *   allowedMethods: cloudfront.AllowedMethods.ALLOW_ALL,
 *   cachePolicy: cloudfront.CachePolicy.CACHING_DISABLED,
 *   originRequestPolicy: cloudfront.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
 * });
 */
export class StreamingUrlOrigin extends cloudfront.OriginBase {
  private readonly functionUrl: lambda.IFunctionUrl;
  private readonly settings: StreamingUrlOriginProps;

  /**
   * @throws an error where the URL is not checked by IAM, or a timeout is out of range, and a TypeError where `url` is something else
   *
   * @param url the function URL; its `authType` must be `AWS_IAM`
   * @param props timeouts and headers
   */
  public constructor(url: lambda.IFunctionUrl, props: StreamingUrlOriginProps = {}) {
    checkKind(url);
    checkProps(url, '', props, ORIGIN_PROPS);
    super(Fn.select(2, Fn.split('/', url.url)), {
      customHeaders: props.customHeaders,
      originPath: props.originPath,
      responseCompletionTimeout: props.responseCompletionTimeout,
    });
    checkUrl(url, props);
    checkCompletion(url, props);
    this.functionUrl = url;
    this.settings = props;
  }

  /** Called by the distribution that uses this origin. */
  public bind(scope: Construct, options: cloudfront.OriginBindOptions): cloudfront.OriginBindConfig {
    checkPlace(scope, this.functionUrl);
    const seconds = this.settings.readTimeout?.toSeconds() ?? READ_TIMEOUT_SECONDS;
    if (seconds > CLOUDFRONT_READ_TIMEOUT_MAX_SECONDS) {
      warn(
        scope,
        'CloudFrontReadTimeout',
        `readTimeout of ${seconds} s is over CloudFront's quota of ${CLOUDFRONT_READ_TIMEOUT_MAX_SECONDS} s and fails at deployment unless the account's quota was raised; lower it, or acknowledge this warning`,
      );
    }
    const access = originAccess(scope, this.functionUrl, options.distributionId);
    const config = super.bind(scope, options);
    return config.originProperty
      ? { ...config, originProperty: { ...config.originProperty, originAccessControlId: access.originAccessControlId } }
      : config;
  }

  /** Called by the distribution: HTTPS only, with the timeouts of this origin. */
  protected renderCustomOriginConfig(): cloudfront.CfnDistribution.CustomOriginConfigProperty | undefined {
    return {
      originProtocolPolicy: cloudfront.OriginProtocolPolicy.HTTPS_ONLY,
      originSslProtocols: [cloudfront.OriginSslPolicy.TLS_V1_2],
      originReadTimeout: this.settings.readTimeout?.toSeconds() ?? READ_TIMEOUT_SECONDS,
      originKeepaliveTimeout: this.settings.keepaliveTimeout?.toSeconds() ?? KEEPALIVE_SECONDS,
    };
  }
}

/** For callers without a compiler: the function in the place of its URL is a common slip. */
function checkKind(url: unknown): void {
  if (isObject(url) && typeof url['url'] === 'string') return;
  const got = Construct.isConstruct(url) ? `'${url.node.path}'` : show(url);
  throw new TypeError(`url must be a function URL, such as fn.addStreamUrl(), got ${got}`);
}

function checkUrl(url: lambda.IFunctionUrl, props: StreamingUrlOriginProps): void {
  if (url.authType !== lambda.FunctionUrlAuthType.AWS_IAM) {
    throw new StreamingConstructError(
      url,
      'OriginUrlNotIam',
      `CloudFront signs its requests, so the URL behind it must have authType: AWS_IAM, got ${url.authType}; a public URL could be called past CloudFront`,
    );
  }
  for (const [name, timeout] of Object.entries({
    readTimeout: props.readTimeout,
    keepaliveTimeout: props.keepaliveTimeout,
  })) {
    if (!timeout || timeout.isUnresolved()) continue;
    const seconds = timeout.toSeconds({ integral: false });
    if (!Number.isInteger(seconds) || seconds < 1) {
      throw new StreamingConstructError(
        url,
        'OriginTimeout',
        `${name} must be a whole number of seconds, 1 or more, got ${seconds}; pass for example Duration.seconds(60)`,
      );
    }
  }
}

/** CloudFront refuses a whole response that may take less time than one silence of it. */
function checkCompletion(url: lambda.IFunctionUrl, props: StreamingUrlOriginProps): void {
  const { responseCompletionTimeout: whole, readTimeout } = props;
  if (!whole || whole.isUnresolved() || readTimeout?.isUnresolved()) return;
  const silence = readTimeout?.toSeconds() ?? READ_TIMEOUT_SECONDS;
  if (whole.toSeconds() >= silence) return;
  throw new StreamingConstructError(
    url,
    'OriginCompletionTimeout',
    `responseCompletionTimeout must not be below readTimeout (${silence} s), got ${whole.toSeconds()} s; raise it, or lower readTimeout`,
  );
}

/** The permission has to be where the function is, and it names the distribution, which names the URL: one region, one account. */
function checkPlace(scope: Construct, url: lambda.IFunctionUrl): void {
  const stack = Stack.of(scope);
  for (const place of ['region', 'account'] as const) {
    const [here, there] = [stack[place], url.env[place]];
    if (Token.isUnresolved(here) || Token.isUnresolved(there) || here === there) continue;
    throw new StreamingConstructError(
      scope,
      'OriginElsewhere',
      `the function URL is in ${place} ${there} and the distribution's stack in ${here}, so the function's permission for CloudFront cannot be defined; ` +
        `define the distribution in ${there}: CloudFront serves it worldwide all the same`,
    );
  }
}

const ORIGIN_PROPS: CheckedProps = {
  noun: 'properties of the origin',
  rules: {
    readTimeout: DURATION,
    keepaliveTimeout: DURATION,
    responseCompletionTimeout: DURATION,
    customHeaders: OBJECT,
    originPath: TEXT,
  },
};
