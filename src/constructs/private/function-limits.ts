/** Lambda's limits on a function's configuration, told before the deployment instead of by it. */
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Stack, Token } from 'aws-cdk-lib/core';
import type { IConstruct } from 'constructs';
import {
  ENVIRONMENT_MAX_BYTES,
  FUNCTION_MEMORY_MAX_MIB,
  FUNCTION_MEMORY_MIN_MIB,
  FUNCTION_TIMEOUT_MAX_SECONDS,
} from '../../wire/limits';
import { StreamingConstructError } from './errors';

/** @throws StreamingConstructError `FunctionLimit` where timeout or memory are out of range */
export function checkFunctionLimits(scope: IConstruct, id: string, props: lambda.FunctionOptions): void {
  const { timeout, memorySize } = props;
  if (timeout && !timeout.isUnresolved()) {
    const seconds = timeout.toSeconds({ integral: false });
    if (seconds < 1 || seconds > FUNCTION_TIMEOUT_MAX_SECONDS) {
      const message = `${id}: timeout must be from 1 to ${FUNCTION_TIMEOUT_MAX_SECONDS} seconds, got: ${seconds}; split longer streams over several invokes`;
      throw new StreamingConstructError(scope, 'FunctionLimit', message);
    }
  }
  if (memorySize === undefined || Token.isUnresolved(memorySize)) return;
  if (memorySize >= FUNCTION_MEMORY_MIN_MIB && memorySize <= FUNCTION_MEMORY_MAX_MIB) return;
  const message = `${id}: memorySize must be from ${FUNCTION_MEMORY_MIN_MIB} to ${FUNCTION_MEMORY_MAX_MIB} MB, got: ${memorySize}`;
  throw new StreamingConstructError(scope, 'FunctionLimit', message);
}

/** At synth, as variables may be added until then; tokens are counted as nothing. */
export function checkEnvironmentSize(fn: lambda.Function): void {
  fn.node.addValidation({
    validate: () => {
      const { environment } = fn.node.defaultChild as lambda.CfnFunction;
      const variables = (Stack.of(fn).resolve(environment)?.variables ?? {}) as Record<string, unknown>;
      const plain = Object.entries(variables).filter(([, value]) => typeof value === 'string');
      const bytes = Buffer.byteLength(JSON.stringify(Object.fromEntries(plain)));
      if (bytes <= ENVIRONMENT_MAX_BYTES) return [];
      return [
        `environment takes ${bytes} bytes as JSON, and Lambda allows ${ENVIRONMENT_MAX_BYTES}; move large values to AWS AppConfig, Parameter Store or a file in the code`,
      ];
    },
  });
}
