/** Defines a function URL that streams: invoke mode RESPONSE_STREAM, an alias behind it, callers checked by IAM. */
import type * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Resource, Stack, Token } from 'aws-cdk-lib/core';
import type { aws_lambda as refs } from 'aws-cdk-lib/interfaces';
import type { Construct } from 'constructs';
import { ANYTHING, OBJECT, oneOf } from '../base/option-problem';
import { publicUrlMessage } from './checks/public-url';
import { invokedFunction, isAlias } from './facts/invoked-function';
import { VPC_URL } from './facts/streaming-facts';
import { warnAboutFunction } from './front-ends/front-end-warnings';
import { grantUrl, registerUrl } from './front-ends/function-url';
import { type CheckedProps, checkProps, FLAG } from './problems/check-props';
import { StreamingConstructError } from './problems/construct-error';
import { warn } from './problems/warnings';

/** Options of a streaming function URL. */
export interface StreamingFunctionUrlOptions {
  /**
   * Who checks callers: IAM, or nobody.
   *
   * `NONE` opens the function to everyone on the internet and needs `allowPublic: true` as well.
   * @see https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
   *
   * @default FunctionUrlAuthType.AWS_IAM
   */
  readonly authType?: lambda.FunctionUrlAuthType | undefined;

  /**
   * Confirms that anyone may invoke the function and that you pay for it.
   *
   * Only valid together with `authType: NONE`.
   *
   * @default false
   */
  readonly allowPublic?: boolean | undefined;

  /**
   * The cross-origin resource sharing settings, for callers in browsers.
   *
   * @default - no CORS headers; browsers of other origins are refused
   */
  readonly cors?: lambda.FunctionUrlCorsOptions | undefined;
}

/** Properties of a streaming function URL. */
export interface StreamingFunctionUrlProps extends StreamingFunctionUrlOptions {
  /**
   * What the URL invokes: an alias, or a streaming function, which is entered by its live alias.
   *
   * A version is refused, because Lambda has no URLs for versions.
   */
  readonly function: lambda.IFunction;
}

/** What is known of a streaming function URL that is defined elsewhere. */
export interface StreamingFunctionUrlAttributes {
  /** The HTTPS address, with the slash at its end: `https://<id>.lambda-url.<region>.on.aws/`. */
  readonly url: string;

  /** The alias or function behind the URL. */
  readonly function: lambda.IFunction;

  /**
   * Who checks callers: IAM, or nobody.
   *
   * @default FunctionUrlAuthType.AWS_IAM
   */
  readonly authType?: lambda.FunctionUrlAuthType | undefined;
}

/**
 * A function URL in invoke mode `RESPONSE_STREAM`.
 *
 * It opens on an alias, is checked by IAM unless you say otherwise, and carries both permissions
 * Lambda asks of URL callers (`lambda:InvokeFunctionUrl` and `lambda:InvokeFunction` via a function URL).
 * A response may have 200 MiB; after the first 6 MiB it flows at 2 MiB per second.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-response-streaming.html
 *
 * @resource AWS::Lambda::Url
 * @example
 *
 * declare const alias: lambda.Alias;
 * const url = new StreamingFunctionUrl(this, 'Url', {
 *   function: alias,
 *   cors: { allowedOrigins: ['https://example.com'] },
 * });
 */
export class StreamingFunctionUrl extends lambda.FunctionUrl {
  /**
   * Refers to a streaming function URL that another stack or app defines.
   *
   * @param scope the construct to define it in
   * @param id the construct's id
   * @param attributes what is known of the URL
   */
  public static fromAttributes(
    scope: Construct,
    id: string,
    attributes: StreamingFunctionUrlAttributes,
  ): lambda.IFunctionUrl {
    return new ImportedFunctionUrl(scope, id, attributes);
  }

  /** The alias, version or function the URL invokes, and whose resource-based policy decides about callers. */
  public readonly invokedFunction: lambda.IFunction;

  /**
   * Defines the URL.
   *
   * @throws an error where the function is a version, has tenant isolation, a URL already, or another account or region than the stack,
   * and where only one of `authType: NONE` and `allowPublic: true` is given.
   */
  public constructor(scope: Construct, id: string, props: StreamingFunctionUrlProps) {
    checkProps(scope, id, props, URL_PROPS);
    const callee = invokedFunction(props.function);
    const authType = props.authType ?? lambda.FunctionUrlAuthType.AWS_IAM;
    checkPublic(scope, id, authType, props.allowPublic);
    checkPlace(scope, id, callee.behind);
    super(scope, id, {
      function: callee.invoked,
      authType,
      cors: props.cors,
      invokeMode: lambda.InvokeMode.RESPONSE_STREAM,
    });
    this.invokedFunction = callee.invoked;
    registerUrl(callee.invoked, this);
    if (!isAlias(callee.invoked)) splitQualifiedArn(this, callee.invoked, callee.qualifier);
    if (authType === lambda.FunctionUrlAuthType.NONE) {
      warn(this, 'PublicUrl', publicUrlMessage(callee.behind.node.path));
    }
    warnAboutFunction(this, callee, VPC_URL);
  }

  /**
   * Allows a principal to call this URL: both permissions, on the alias only.
   *
   * @throws an error for a public URL, whose callers are not asked for credentials
   *
   * @param grantee a role, user, account, organization or service
   */
  public grantInvokeUrl(grantee: iam.IGrantable): iam.Grant {
    return grantUrl(this, this.invokedFunction, this.authType, grantee);
  }
}

const URL_PROPS: CheckedProps = {
  noun: 'properties of the function URL',
  required: { function: 'fn.liveAlias' },
  rules: {
    function: ANYTHING,
    authType: oneOf(lambda.FunctionUrlAuthType.AWS_IAM, lambda.FunctionUrlAuthType.NONE),
    allowPublic: FLAG,
    cors: OBJECT,
  },
};

function checkPublic(
  scope: Construct,
  id: string,
  authType: lambda.FunctionUrlAuthType,
  allowPublic: boolean | undefined,
): void {
  if (authType === lambda.FunctionUrlAuthType.NONE && !allowPublic) {
    throw new StreamingConstructError(
      scope,
      'PublicUrlNotConfirmed',
      `${id}: authType: NONE lets everyone on the internet invoke the function; add allowPublic: true to confirm, or remove authType to require IAM`,
    );
  }
  if (authType !== lambda.FunctionUrlAuthType.NONE && allowPublic) {
    throw new StreamingConstructError(
      scope,
      'PublicUrlNotOpen',
      `${id}: allowPublic: true has no effect with authType: ${authType}; add authType: NONE to open the URL, or remove allowPublic`,
    );
  }
}

/** CloudFormation can only define a URL where the function is. */
function checkPlace(scope: Construct, id: string, fn: lambda.IFunction): void {
  for (const place of ['account', 'region'] as const) {
    const [here, there] = [Stack.of(scope)[place], fn.env[place]];
    if (Token.isUnresolved(here) || Token.isUnresolved(there) || here === there) continue;
    throw new StreamingConstructError(
      scope,
      'UrlElsewhere',
      `${id}: the function is in ${place} ${there} and this stack in ${here}, where its URL cannot be defined; ` +
        'define the URL in the stack of the function, and refer to it by StreamingFunctionUrl.fromAttributes()',
    );
  }
}

/** An ARN with a qualifier, as of an imported function, belongs into two properties of the URL. */
function splitQualifiedArn(url: StreamingFunctionUrl, fn: lambda.IFunction, qualifier: string | undefined): void {
  if (qualifier === undefined) return;
  if (/^(\d+|\$LATEST)$/.test(qualifier)) {
    throw new StreamingConstructError(
      url,
      'UrlOnVersion',
      `a function URL opens on an alias, got the qualifier '${qualifier}' in ${fn.functionArn}; use the ARN of an alias`,
    );
  }
  const resource = url.node.defaultChild as lambda.CfnUrl;
  resource.targetFunctionArn = fn.functionArn.split(':').slice(0, 7).join(':');
  resource.qualifier = qualifier;
}

/** A URL of another stack or app: its address and its function are known, nothing of it is defined here. */
class ImportedFunctionUrl extends Resource implements lambda.IFunctionUrl {
  public readonly url: string;
  public readonly functionArn: string;
  public readonly authType: lambda.FunctionUrlAuthType;
  public readonly invokedFunction: lambda.IFunction;

  public constructor(scope: Construct, id: string, attributes: StreamingFunctionUrlAttributes) {
    super(scope, id);
    this.url = attributes.url;
    this.invokedFunction = invokedFunction(attributes.function).invoked;
    this.functionArn = this.invokedFunction.functionArn;
    this.authType = attributes.authType ?? lambda.FunctionUrlAuthType.AWS_IAM;
  }

  public get urlRef(): refs.UrlReference {
    return { functionArn: this.functionArn };
  }

  public grantInvokeUrl(grantee: iam.IGrantable): iam.Grant {
    return grantUrl(this, this.invokedFunction, this.authType, grantee);
  }
}
