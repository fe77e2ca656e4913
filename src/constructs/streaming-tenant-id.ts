/** Says where a REST API finds the tenant id that a tenant-isolated function must be invoked with. */

/**
 * The place in a request that holds the tenant id.
 *
 * Prefer a value that the caller cannot choose, such as one from an authorizer.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/tenant-isolation.html
 */
export class StreamingTenantId {
  /**
   * The tenant id is the value of a request header.
   *
   * @param name the header's name, for example `x-tenant-id`
   */
  public static fromHeader(name: string): StreamingTenantId {
    return new StreamingTenantId(`method.request.header.${name}`);
  }

  /**
   * The tenant id is the value of a query string parameter.
   *
   * @param name the parameter's name
   */
  public static fromQueryString(name: string): StreamingTenantId {
    return new StreamingTenantId(`method.request.querystring.${name}`);
  }

  /**
   * The tenant id is a part of the path, as `{tenant}` in `/tenants/{tenant}/chat`.
   *
   * @param name the path parameter's name, without braces
   */
  public static fromPath(name: string): StreamingTenantId {
    return new StreamingTenantId(`method.request.path.${name}`);
  }

  /**
   * The tenant id is a value of the request's context, which an authorizer or API Gateway itself has set.
   *
   * @param name the context variable's name, for example `authorizer.tenantId` or `authorizer.claims.custom:tenant`
   */
  public static fromContext(name: string): StreamingTenantId {
    return new StreamingTenantId(`context.${name}`);
  }

  private constructor(
    /** The mapping expression API Gateway evaluates. */
    public readonly expression: string,
  ) {}

  /**
   * The mapping from the request to the header Lambda reads.
   *
   * @internal
   */
  public _integrationParameters(): { [key: string]: string } {
    return { 'integration.request.header.X-Amz-Tenant-Id': this.expression };
  }

  /**
   * The request parameter the method has to declare before it can be mapped.
   *
   * @internal
   */
  public _methodParameter(): string | undefined {
    return this.expression.startsWith('method.') ? this.expression : undefined;
  }
}
