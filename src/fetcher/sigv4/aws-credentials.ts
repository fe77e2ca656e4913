/** Credentials in the shape the AWS SDK for JavaScript gives them, so that its providers can be passed as they are. */

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Present with temporary credentials. */
  readonly sessionToken?: string;
  /** Not looked at: a provider is asked again for every invocation, and those of the SDK renew what has expired. */
  readonly expiration?: Date;
}

/** Gives the credentials of the next request, for example `fromNodeProviderChain()` or `fromCognitoIdentityPool(…)`. */
export type AwsCredentialsProvider = () => Promise<AwsCredentials>;
