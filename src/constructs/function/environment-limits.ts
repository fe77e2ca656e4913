/** Lambda's limits on the environment of a function, told before the deployment instead of by it. */
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Stack } from 'aws-cdk-lib/core';
import { ENVIRONMENT_NAME, ENVIRONMENT_NAME_RULE } from '../../wire/environment-name';
import { ENVIRONMENT_MAX_BYTES } from '../../wire/limits';

/** At synth, as variables may be added until then; tokens are counted as nothing. */
export function checkEnvironment(fn: lambda.Function): void {
  fn.node.addValidation({
    validate: () => {
      const { environment } = fn.node.defaultChild as lambda.CfnFunction;
      const variables = (Stack.of(fn).resolve(environment)?.variables ?? {}) as Record<string, unknown>;
      const plain = Object.entries(variables).filter(([, value]) => typeof value === 'string');
      const bytes = Buffer.byteLength(JSON.stringify(Object.fromEntries(plain)));
      const odd = Object.keys(variables).filter((name) => !ENVIRONMENT_NAME.test(name));
      return [
        ...odd.map((name) => `environment: the name of a variable must ${ENVIRONMENT_NAME_RULE}, got '${name}'`),
        ...(bytes > ENVIRONMENT_MAX_BYTES
          ? [
              `environment takes ${bytes} bytes as JSON, and Lambda allows ${ENVIRONMENT_MAX_BYTES}; move large values to AWS AppConfig, Parameter Store or a file in the code`,
            ]
          : []),
      ];
    },
  });
}
