/**
 * What the deploy engine writes and the data plane reads: the Lambda and IAM state of every account in the process.
 * Plain data without behaviour, so that both sides can be tested alone.
 */

/** One JSON policy document as CloudFormation resolved it. */
export interface PolicyDocument {
  readonly Version?: string;
  readonly Statement: PolicyStatement | readonly PolicyStatement[];
}

export interface PolicyStatement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Principal?: unknown;
  readonly NotPrincipal?: unknown;
  readonly Action?: string | readonly string[];
  readonly NotAction?: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly NotResource?: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** The configuration of `$LATEST` or of one published version. */
export interface FunctionConfiguration {
  readonly account: string;
  readonly region: string;
  readonly functionName: string;
  /** `$LATEST` or the version number. */
  readonly version: string;
  /** Folder that holds the unpacked code; Lambda's `/var/task`. */
  readonly codeDirectory: string;
  readonly handler: string;
  /** For example `nodejs24.x`. */
  readonly runtime: string;
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly roleArn: string;
  readonly logGroupName: string;
}

export interface AliasState {
  readonly name: string;
  readonly functionVersion: string;
  /** Share of requests by version, 0 to 1, beside `functionVersion`. */
  readonly additionalVersionWeights: Readonly<Record<string, number>>;
}

export interface FunctionUrlState {
  readonly qualifier: string | undefined;
  readonly authType: 'AWS_IAM' | 'NONE';
  readonly invokeMode: 'BUFFERED' | 'RESPONSE_STREAM';
  readonly url: string;
  readonly cors?: Readonly<Record<string, unknown>>;
}

/** A function with everything that hangs on it. */
export interface FunctionState {
  /** `arn:aws:lambda:<region>:<account>:function:<name>`, unqualified. */
  readonly functionArn: string;
  readonly account: string;
  readonly region: string;
  readonly functionName: string;
  /** By version; always holds `$LATEST`. */
  readonly versions: Map<string, FunctionConfiguration>;
  readonly aliases: Map<string, AliasState>;
  readonly urls: FunctionUrlState[];
  /** Resource-based policy statements by qualified or unqualified ARN. */
  readonly resourcePolicies: Map<string, PolicyStatement[]>;
}

/** An IAM role with all policies that are attached to it. */
export interface RoleState {
  readonly roleArn: string;
  readonly account: string;
  readonly roleName: string;
  readonly trustPolicy: PolicyDocument;
  /** Inline and managed policies by a name that explains a decision. */
  readonly policies: Map<string, PolicyDocument>;
  readonly permissionsBoundary?: PolicyDocument;
}

export interface LocalState {
  /** By unqualified function ARN. */
  readonly functions: Map<string, FunctionState>;
  /** By role ARN. */
  readonly roles: Map<string, RoleState>;
}
