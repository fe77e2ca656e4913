/**
 * The Standard Schema interface, structurally: zod, valibot, arktype and others satisfy it without an import from here.
 * @see https://standardschema.dev
 */

/** A schema that takes `Input` and gives `Output`; they differ where it transforms or fills in defaults. */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly '~standard': StandardSchemaProps<Input, Output>;
}

export interface StandardSchemaProps<Input = unknown, Output = Input> {
  readonly version: 1;
  /** Name of the schema library. */
  readonly vendor: string;
  readonly validate: (value: unknown) => StandardResult<Output> | Promise<StandardResult<Output>>;
  /** Types only; never there at run time. */
  readonly types?: { readonly input: Input; readonly output: Output } | undefined;
}

export type StandardResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly StandardIssue[] };

export interface StandardIssue {
  readonly message: string;
  readonly path?: ReadonlyArray<PropertyKey | { readonly key: PropertyKey }> | undefined;
}

/**
 * A schema that takes TypeScript's word for it: `chunk: unchecked<Token>()`. Nothing is checked at run time, on either
 * side, so a wrong value travels on as if it were right. What JSON changes is changed: a `Date` arrives as a string.
 */
export const unchecked = <Sent, Received = Sent>(): StandardSchema<Sent, Received> => ({
  '~standard': { version: 1, vendor: 'cdk-lambda-streaming', validate: (value) => ({ value: value as Received }) },
});

/** What `Schema` takes. */
export type SchemaInput<Schema extends StandardSchema> = NonNullable<Schema['~standard']['types']>['input'];

/** What `Schema` gives. */
export type SchemaOutput<Schema extends StandardSchema> = NonNullable<Schema['~standard']['types']>['output'];
