/** Defines a CloudFront distribution in front of streaming function URLs, with behaviors that let streams through. */
import type * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { StreamingUrlOrigin, type StreamingUrlOriginProps } from './streaming-url-origin';

/** How a behavior treats streamed responses. The defaults suit streams. */
export interface StreamingBehaviorOptions extends cloudfront.AddBehaviorOptions {
  /**
   * How CloudFront reaches the URL: timeouts and headers.
   *
   * @default - waits 60 seconds for the first byte and between two packets
   */
  readonly origin?: StreamingUrlOriginProps | undefined;
}

/** Properties of a distribution in front of streaming function URLs. */
export interface StreamingDistributionProps {
  /** The function URL that answers where no other behavior matches. Its `authType` must be `AWS_IAM`. */
  readonly url: lambda.IFunctionUrl;

  /**
   * How responses of that URL are treated.
   *
   * @default - HTTPS only, all methods, nothing cached, all but the headers Host and Authorization forwarded
   */
  readonly behavior?: StreamingBehaviorOptions | undefined;

  /**
   * Domain names of your own; they need a `certificate`.
   *
   * @default - only the name CloudFront gives, `<id>.cloudfront.net`
   */
  readonly domainNames?: string[] | undefined;

  /**
   * The certificate for `domainNames`, in us-east-1.
   *
   * @default - CloudFront's own certificate
   */
  readonly certificate?: acm.ICertificate | undefined;

  /**
   * A comment that describes the distribution.
   *
   * @default - none
   */
  readonly comment?: string | undefined;

  /**
   * The AWS WAF web ACL that filters requests, by ARN.
   *
   * @default - no web ACL
   */
  readonly webAclId?: string | undefined;

  /**
   * The bucket for access logs.
   *
   * @default - no access logs
   */
  readonly logBucket?: s3.IBucket | undefined;

  /**
   * The edge locations that are used, and paid for.
   *
   * @default PriceClass.PRICE_CLASS_ALL
   */
  readonly priceClass?: cloudfront.PriceClass | undefined;

  /**
   * The countries that are served.
   *
   * @default - all countries
   */
  readonly geoRestriction?: cloudfront.GeoRestriction | undefined;
}

/**
 * A CloudFront distribution whose origins are streaming function URLs.
 *
 * Only the distribution may call the URLs: CloudFront signs its requests (origin access control), and each URL's function
 * carries both permissions for exactly this distribution.
 * Callers that send a body must add its SHA-256 as `x-amz-content-sha256`. Their `Authorization` header does not arrive:
 * CloudFront puts its own signature there. Tokens need another header.
 * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-lambda.html
 *
 * @example
 *
 * declare const url: StreamingFunctionUrl;
 * new StreamingDistribution(this, 'Cdn', { url });
 */
export class StreamingDistribution extends cloudfront.Distribution {
  /**
   * Behavior options for a streaming function URL, to use in a distribution of your own.
   *
   * @param url the function URL; its `authType` must be `AWS_IAM`
   * @param options what differs from the defaults
   */
  public static behaviorFor(
    url: lambda.IFunctionUrl,
    options: StreamingBehaviorOptions = {},
  ): cloudfront.BehaviorOptions {
    const { origin, ...behavior } = options;
    return { ...streamingDefaults(), ...behavior, origin: new StreamingUrlOrigin(url, origin) };
  }

  /**
   * Defines the distribution.
   *
   * @throws an error where the URL is public, or in another region or account than this stack
   */
  public constructor(scope: Construct, id: string, props: StreamingDistributionProps) {
    const { url, behavior, ...distribution } = props;
    super(scope, id, {
      ...distribution,
      defaultBehavior: StreamingDistribution.behaviorFor(url, behavior),
      minimumProtocolVersion: props.certificate && cloudfront.SecurityPolicyProtocol.TLS_V1_2_2021,
    });
  }

  /**
   * Lets paths that match a pattern be answered by a streaming function URL.
   *
   * @param pathPattern the paths, for example `/chat/*`
   * @param url the function URL; its `authType` must be `AWS_IAM`
   * @param options what differs from the defaults
   */
  public addStream(pathPattern: string, url: lambda.IFunctionUrl, options: StreamingBehaviorOptions = {}): void {
    const { origin, ...behavior } = StreamingDistribution.behaviorFor(url, options);
    this.addBehavior(pathPattern, origin, behavior);
  }
}

/** Nothing buffers, nothing is cached, bodies and cookies reach the function; the Host header is the URL's own. */
function streamingDefaults(): cloudfront.AddBehaviorOptions {
  return {
    allowedMethods: cloudfront.AllowedMethods.ALLOW_ALL,
    viewerProtocolPolicy: cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
    cachePolicy: cloudfront.CachePolicy.CACHING_DISABLED,
    originRequestPolicy: cloudfront.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
    compress: false,
  };
}
