/** Checks what a streaming function is told, once and before anything exists, and says what `lambda.Function` is given. */
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Duration, PhysicalName, Token } from 'aws-cdk-lib/core';
import type { IConstruct } from 'constructs';
import { FUNCTION_MEMORY_MAX_MIB, FUNCTION_MEMORY_MIN_MIB, FUNCTION_TIMEOUT_MAX_SECONDS } from '../../wire/limits';
import { BUFFERING_RUNTIME, DURABLE_STREAM, type FunctionFacts } from '../facts/streaming-facts';
import { checkProps } from '../problems/check-props';
import { StreamingConstructError } from '../problems/construct-error';
import type { ExecutionLogsProps } from './execution-logs';
import { FUNCTION_PROPS } from './function-props';
import { type CodeSource, handlerCode } from './handler-code';

/** The properties of a streaming function that are looked at here. */
export interface PlannedProps extends lambda.FunctionOptions, CodeSource {
  readonly architecture?: lambda.Architecture;
  readonly webAdapter?: Adapter;
}

interface Adapter {
  environment(): { [name: string]: string };
}

export interface FunctionPlan {
  /** The caller's properties over our defaults, without those that this library applies itself. */
  readonly functionProps: lambda.FunctionProps;
  readonly logs: ExecutionLogsProps;
  /** Warnings about what is allowed, but not known to stream; by their ids. */
  readonly warnings: Readonly<Record<string, string>>;
}

/** @throws StreamingConstructError where properties contradict each other or Lambda, or the response would be buffered */
export function planFunction(
  scope: IConstruct,
  id: string,
  props: PlannedProps,
  bundle: (entry: string) => lambda.Code,
): FunctionPlan {
  checkProps(scope, id, props, FUNCTION_PROPS);
  const fail = (code: string, message: string) => new StreamingConstructError(scope, code, `${id}: ${message}`);
  checkLimits(props, fail);
  checkLogs(props, fail);
  const source = handlerCode(scope, id, props, bundle);
  const adapterVariables = props.webAdapter?.environment() ?? {};
  checkAdapter(props, adapterVariables, fail);
  const facts: FunctionFacts = {
    runtime: Token.isUnresolved(source.runtime.name) ? undefined : source.runtime.name,
    environment: { ...props.environment, ...adapterVariables },
    isDurable: props.durableConfig !== undefined,
    isInVpc: props.vpc !== undefined,
  };
  if (BUFFERING_RUNTIME.holds(facts)) throw fail(BUFFERING_RUNTIME.id, BUFFERING_RUNTIME.message(`'${id}'`, facts));
  const { logRetention, logRemovalPolicy, logGroup, ...options } = props;
  return {
    functionProps: {
      ...options,
      ...(logGroup && { logGroup }),
      ...source,
      timeout: props.timeout ?? Duration.minutes(1),
      functionName: props.functionName ?? PhysicalName.GENERATE_IF_NEEDED,
    },
    logs: { logGroup, retention: logRetention, removalPolicy: logRemovalPolicy, ownRole: props.role === undefined },
    warnings: DURABLE_STREAM.holds(facts) ? { [DURABLE_STREAM.id]: DURABLE_STREAM.message(`'${id}'`, facts) } : {},
  };
}

type Fail = (code: string, message: string) => StreamingConstructError;

/** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
function checkLimits({ timeout, memorySize }: PlannedProps, fail: Fail): void {
  if (timeout && !timeout.isUnresolved()) {
    const seconds = timeout.toSeconds({ integral: false });
    if (seconds < 1 || seconds > FUNCTION_TIMEOUT_MAX_SECONDS) {
      const message = `timeout must be from 1 to ${FUNCTION_TIMEOUT_MAX_SECONDS} seconds, got ${seconds}; split longer streams over several invokes`;
      throw fail('FunctionLimit', message);
    }
  }
  if (memorySize === undefined || Token.isUnresolved(memorySize)) return;
  if (memorySize >= FUNCTION_MEMORY_MIN_MIB && memorySize <= FUNCTION_MEMORY_MAX_MIB) return;
  const message = `memorySize must be from ${FUNCTION_MEMORY_MIN_MIB} to ${FUNCTION_MEMORY_MAX_MIB} MB, got ${memorySize}`;
  throw fail('FunctionLimit', message);
}

/** A property that has no meaning next to a log group of the function's own. */
function checkLogs(props: PlannedProps, fail: Fail): void {
  for (const name of ['logRetentionRole', 'logRetentionRetryOptions'] as const) {
    if (props[name] === undefined) continue;
    const message = `${name} configures a custom resource that sets the retention, and this function needs none: logRetention is set on its own log group; remove ${name}`;
    throw fail('LogProps', message);
  }
  for (const name of ['logRetention', 'logRemovalPolicy'] as const) {
    if (props[name] === undefined || props.logGroup === undefined) continue;
    const message = `${name} is for the log group this function would define, but logGroup is given; set it on that log group`;
    throw fail('LogProps', message);
  }
}

/** A variable of the adapter that already has another value. */
function checkAdapter(props: PlannedProps, variables: Readonly<Record<string, string>>, fail: Fail): void {
  for (const [name, value] of Object.entries(variables)) {
    const said = props.environment?.[name];
    if (said === undefined || said === value || Token.isUnresolved(said)) continue;
    const message = `environment.${name} is '${said}', but the web adapter needs '${value}'; remove it from environment, or change the options of WebAdapter`;
    throw fail('WebAdapterEnvironment', message);
  }
  if (!props.adotInstrumentation || variables['AWS_LAMBDA_EXEC_WRAPPER'] === undefined) return;
  throw fail(
    'WebAdapterEnvironment',
    'adotInstrumentation and a web adapter layer both set AWS_LAMBDA_EXEC_WRAPPER, and only one program can wrap the handler; remove adotInstrumentation, or use a container image with WebAdapter.inImage()',
  );
}
