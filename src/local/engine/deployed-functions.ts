/** The functions of the deployed stacks, for whoever lists them or looks for one. */
import type { LocalState } from '../state';
import type { DeployedStack } from './deployed-stack';

/** A function that can be called. */
export interface LocalFunction {
  readonly stackName: string;
  /** Path of the construct that defines it, such as `Stack/Chat`; undefined where the assembly does not say it. */
  readonly constructPath: string | undefined;
  readonly functionName: string;
  /** Unqualified. */
  readonly functionArn: string;
  /** ARN of its execution role. */
  readonly roleArn: string;
  /** Names of its aliases. */
  readonly aliases: readonly string[];
  /** Its function URLs, as they answer here. */
  readonly urls: readonly string[];
}

/** In the order of deployment. @param endpoint `http://127.0.0.1:<port>` */
export function deployedFunctions(
  stacks: readonly DeployedStack[],
  state: LocalState,
  endpoint: string,
): readonly LocalFunction[] {
  return stacks.flatMap(({ stackName, resources }) =>
    [...resources.values()].flatMap(({ type, attributes, constructPath }) => {
      const functionArn = String(attributes['Arn']);
      const found = type === 'AWS::Lambda::Function' ? state.functions.get(functionArn) : undefined;
      const configuration = found?.versions.get('$LATEST');
      if (found === undefined || configuration === undefined) return [];
      const { functionName, aliases, urls } = found;
      return [
        {
          stackName,
          // The construct, not the CloudFormation resource inside of it.
          constructPath: constructPath?.replace(/\/Resource$/, ''),
          functionName,
          functionArn,
          roleArn: configuration.roleArn,
          aliases: [...aliases.keys()],
          urls: urls.map(({ urlId }) => `${endpoint}/lambda-url/${urlId}/`),
        },
      ];
    }),
  );
}
