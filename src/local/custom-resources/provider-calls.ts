/**
 * Runs the providers of custom resources: sends them CloudFormation's requests and takes their answers at an address
 * of this target. https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref.html
 */

import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isObject } from '../../base/is-object';
import { readRequestBody } from '../http/request-body';
import type { HttpRoute } from '../http/server';
import type { ProviderAnswer, ProviderRequest, ProviderRunner } from '../resources/provider-request';
import { RESPONSE_URL_START } from '../runtime/response-url';
import { withoutRuntimeFrames } from '../runtime/runtime-frames';
import { runtimeProblem } from '../runtime/runtime-program';
import type { FunctionConfiguration, LocalState } from '../state';
import { type FunctionRun, type FunctionRuns, missingPackage } from './function-runs';
import { LackingProviders } from './lacking-providers';
import { missingServices, type RefusedCalls, unansweredMeanwhile } from './refused-calls';

const PATH = '/custom-resource-response/';
/** CloudFormation's limit. */
const ANSWER_MAX_BYTES = 4_096;
/** How long an answer may take after its function has ended: another one may still be about to send it. */
const GRACE_MS = 3_000;

interface PendingRequest {
  readonly request: ProviderRequest;
  readonly settle: (answer: ProviderAnswer) => void;
  /** Calls to other AWS services that nobody answered meanwhile. */
  readonly refusedCalls: Map<string, string>;
}

export interface ProviderCallsProps {
  readonly state: LocalState;
  readonly runs: FunctionRuns;
  /** Of this target. */
  readonly port: () => number;
  /** Whether something that began with a request still goes on, such as a waiter. */
  readonly isBusy: () => boolean;
}

export class ProviderCalls implements ProviderRunner {
  public readonly route: HttpRoute = {
    matches: ({ method, url }) => method === 'PUT' && url?.startsWith(PATH) === true,
    handle: (request, response) => void this.receive(request, response),
  };
  private readonly pending = new Map<string, PendingRequest>();
  /** Providers that miss something, which the rest of a deployment will not bring. */
  private unable = new WeakMap<FunctionConfiguration, string>();
  private readonly lacking = new LackingProviders();

  public constructor(private readonly props: ProviderCallsProps) {}

  /** A deployment begins: what was missing may be there. */
  public begin(hasNewPackages: boolean): void {
    this.unable = new WeakMap();
    if (hasNewPackages) this.lacking.clear();
  }

  public problem(serviceToken: string, state = this.props.state): string | undefined {
    const configuration = this.props.runs.find(serviceToken, state);
    if (configuration === undefined) return `no stack here has defined their provider ${serviceToken}`;
    return this.unable.get(configuration) ?? runtimeProblem(configuration);
  }

  /** Notes a call that was refused: of which function it was does not matter, as the provider may have had it run. */
  public refused(call: string, message: string): void {
    for (const { refusedCalls } of this.pending.values()) refusedCalls.set(call, message);
  }

  public async run(request: ProviderRequest, timeoutSeconds: number): Promise<ProviderAnswer> {
    const configuration = this.props.runs.find(request.ServiceToken, this.props.state);
    if (configuration === undefined) throw new Error(`no stack here has defined '${request.ServiceToken}'`);
    const { state } = this.props;
    const known = this.lacking.answerTo(request, configuration, state);
    if (known !== undefined) return known;
    const answer = await this.send(request, configuration, timeoutSeconds);
    this.lacking.note(request, configuration, state, answer);
    return answer;
  }

  private async send(
    request: ProviderRequest,
    configuration: FunctionConfiguration,
    timeoutSeconds: number,
  ): Promise<ProviderAnswer> {
    const token = randomUUID();
    const timers: NodeJS.Timeout[] = [];
    try {
      return await new Promise<ProviderAnswer>((resolve, reject) => {
        const refusedCalls = new Map<string, string>();
        this.pending.set(token, { request, settle: resolve, refusedCalls });
        timers.push(setTimeout(() => reject(noAnswer(request, `within ${timeoutSeconds} s`)), timeoutSeconds * 1_000));
        const ResponseURL = this.responseUrl(token, configuration);
        const { LogicalResourceId, RequestType, ResourceType, ServiceToken } = request;
        const service = { by: 'CloudFormation', what: `${RequestType} ${ResourceType} ${LogicalResourceId}` };
        this.props.runs.run(ServiceToken, { ...request, ResponseURL }, service).then((run) => {
          // It has answered already.
          if (!this.pending.has(token)) return;
          const missing = run.failure && missingPackage(run.failure);
          if (missing !== undefined) this.unable.set(configuration, missing);
          const ended = () => {
            if (this.props.isBusy()) timers.push(setTimeout(ended, GRACE_MS));
            else this.endedSilently({ request, run, missing, refusedCalls }, resolve, reject);
          };
          // Its answer is on another connection.
          timers.push(setTimeout(ended, run.failure ? 100 : GRACE_MS));
        }, reject);
      });
    } finally {
      timers.forEach(clearTimeout);
      this.pending.delete(token);
    }
  }

  private endedSilently(
    {
      request,
      run,
      missing,
      refusedCalls,
    }: {
      readonly request: ProviderRequest;
      readonly run: FunctionRun;
      readonly missing: string | undefined;
      readonly refusedCalls: RefusedCalls;
    },
    resolve: (answer: ProviderAnswer) => void,
    reject: (error: Error) => void,
  ): void {
    const lacks = missing ?? (run.failure && missingServices(refusedCalls, `${run.failure}\n${run.payload}`));
    if (run.failure && lacks !== undefined) {
      resolve({ succeeded: false, reason: run.failure, physicalId: undefined, data: {}, missing: lacks });
      return;
    }
    const how = run.failure ? `; it failed: ${run.failure}` : '; it ended without one';
    reject(noAnswer(request, `${how}${unansweredMeanwhile(refusedCalls)}`));
  }

  /** Node.js functions are led there; programs of other languages take the address as it is. */
  private responseUrl(token: string, { runtime }: FunctionConfiguration): string {
    const port = this.props.port();
    return runtime.startsWith('nodejs')
      ? `${RESPONSE_URL_START}${port}.localhost${PATH}${token}`
      : `http://127.0.0.1:${port}${PATH}${token}`;
  }

  private async receive(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const [path = ''] = (incoming.url ?? '').split('?');
    const body = await readRequestBody(incoming, ANSWER_MAX_BYTES);
    const pending = this.pending.get(path.slice(PATH.length));
    // S3 takes what it is sent; who sends too late is not told either.
    response.writeHead(pending === undefined ? 403 : 200).end();
    if (pending === undefined || body === 'aborted') return;
    pending.settle(
      body === 'too-large'
        ? failed('Response object is too long.')
        : readAnswer(body.toString('utf8'), pending.request, pending.refusedCalls),
    );
  }
}

function readAnswer(text: string, request: ProviderRequest, refusedCalls: RefusedCalls): ProviderAnswer {
  const answer = parse(text);
  if (answer === undefined) return failed('Invalid Json response: its provider did not answer with an object in JSON');
  for (const name of ['StackId', 'RequestId', 'LogicalResourceId'] as const) {
    if (answer[name] === request[name]) continue;
    return failed(`the answer of its provider must have the ${name} of the request, '${request[name]}'`);
  }
  const { Status, Reason, PhysicalResourceId, Data } = answer;
  const physicalId =
    typeof PhysicalResourceId === 'string' && PhysicalResourceId !== '' ? PhysicalResourceId : undefined;
  const data = isObject(Data) ? attributesOf(Data) : {};
  if (Status === 'SUCCESS') return { succeeded: true, reason: '', physicalId, data, missing: undefined };
  if (Status !== 'FAILED') return failed(`the Status that its provider answers must be SUCCESS or FAILED`);
  // The provider framework of aws-cdk-lib answers with the whole trace.
  const reason = withoutRuntimeFrames(String(Reason ?? 'no reason')) ?? 'no reason';
  const missing = missingPackage(reason) ?? missingServices(refusedCalls, reason);
  const meanwhile = missing === undefined ? unansweredMeanwhile(refusedCalls) : '';
  return {
    succeeded: false,
    reason: `Received response status [FAILED] from custom resource. Message returned: ${reason} (RequestId: ${request.RequestId})${meanwhile}`,
    physicalId,
    data,
    missing,
  };
}

function parse(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const answer: unknown = JSON.parse(text);
    return isObject(answer) ? answer : undefined;
  } catch {
    return undefined; // said by the caller
  }
}

function failed(reason: string): ProviderAnswer {
  return { succeeded: false, reason, physicalId: undefined, data: {}, missing: undefined };
}

/** Attributes are text, or lists. */
function attributesOf(data: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(data).map(([name, value]) => [
      name,
      typeof value === 'number' || typeof value === 'boolean' ? String(value) : value,
    ]),
  );
}

function noAnswer({ RequestId, ServiceToken }: ProviderRequest, when: string): Error {
  return new Error(
    `CloudFormation did not receive a response from your Custom Resource. Please check your logs for requestId [${RequestId}]: its provider ${ServiceToken} sent none ${when}`.replace(
      ' ;',
      ';',
    ),
  );
}
