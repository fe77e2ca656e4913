/** Runs functions in the name of other AWS services, CloudFormation, Step Functions and CloudFront: once, and to their end. */

import { randomUUID } from 'node:crypto';
import { commandToAdd } from '../command-to-add';
import type { Journal, ServiceCall } from '../journal/journal';
import { collectBody } from '../operations/buffered-body';
import { functionReference, resolveVersion } from '../operations/function-reference';
import type { EnvironmentPool } from '../runtime/environment-pool';
import { describeFailure } from '../runtime/function-failure';
import type { FunctionConfiguration, LocalState } from '../state';

export interface FunctionRun {
  /** Why it failed, in a line; undefined when it did not. */
  readonly failure: string | undefined;
  /** What it returned, or the error that it reported, in JSON. */
  readonly payload: string;
}

export class FunctionRuns {
  public constructor(
    private readonly state: LocalState,
    private readonly pool: EnvironmentPool,
    private readonly journal?: Journal,
  ) {}

  /** What would run for an ARN, qualified or not. */
  public find(functionArn: string, state = this.state): FunctionConfiguration | undefined {
    if (!/^arn:[\w-]+:lambda:/.test(functionArn)) return undefined;
    const named = reference(functionArn);
    return state.functions.has(named.functionArn) ? resolveVersion(state, named, Math.random) : undefined;
  }

  public async run(functionArn: string, event: unknown, service: ServiceCall): Promise<FunctionRun> {
    const named = reference(functionArn);
    const configuration = resolveVersion(this.state, named, Math.random);
    const payload = Buffer.from(JSON.stringify(event));
    const requestId = randomUUID();
    const request = { requestId, payload, invokedFunctionArn: functionArn };
    this.journal?.invoking(requestId, functionArn, service);
    const running = await this.pool.invoke(named.functionArn, configuration, request);
    if (typeof running === 'string') {
      this.journal?.notInvoked(requestId, running);
      return { failure: running, payload: '{}' };
    }
    const begun = await running.response;
    const body = begun.kind === 'body' ? await collectBody(begun.response.body) : begun.failure.body;
    if (typeof body !== 'string') this.journal?.piece(requestId, body);
    const { failure } = await running.completed;
    if (failure !== undefined) return { failure: describeFailure(failure), payload: failure.body };
    return { failure: undefined, payload: body.toString() };
  }
}

function reference(functionArn: string): ReturnType<typeof functionReference> {
  const [, , , region = '', account = ''] = functionArn.split(':');
  return functionReference(functionArn, undefined, { region, account });
}

/** The package of an AWS SDK that a function lacks here and has on AWS, in words for a list. */
export function missingPackage(failure: string): string | undefined {
  const [, node] = /(?:find (?:module|package) '|Package )(@(?:aws-sdk|smithy)\/[\w-]+)/.exec(failure) ?? [];
  if (node !== undefined)
    return `their provider needs ${node}, which Lambda's runtime has and this project does not; run '${commandToAdd(node)}'`;
  const [, python] = /No module named '(boto3|botocore)/.exec(failure) ?? [];
  return python === undefined
    ? undefined
    : `their provider needs ${python}, which Lambda's runtime has and this machine does not; run 'pip install ${python}'`;
}
