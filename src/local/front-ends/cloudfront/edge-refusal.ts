/** What CloudFront answers itself, where a request does not reach its origin or gets nothing from it. */

/** Ends a request with an answer of CloudFront's own. */
export class EdgeRefusal extends Error {
  public override readonly name = 'EdgeRefusal';

  /** Whether an error page of the distribution may take its place; never that of what is not played here. */
  public readonly hasPage: boolean;

  public constructor(
    public readonly status: number,
    reason: string,
    { hasPage = status !== 501 }: { readonly hasPage?: boolean } = {},
  ) {
    super(reason);
    this.hasPage = hasPage;
  }
}
