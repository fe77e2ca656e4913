/**
 * What CloudFormation tells of a stack: its status and its events, whichever way it was deployed.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html
 */
import { createHash, randomUUID } from 'node:crypto';
import { systemClock } from '../clock';
import type { StackEnvironment } from './stack-scope';

export interface StackEvent {
  readonly eventId: string;
  readonly logicalId: string;
  /** Empty before it is known. That of the stack itself is the stack's id. */
  readonly physicalId: string;
  readonly type: string;
  /** For example `CREATE_IN_PROGRESS`. */
  readonly status: string;
  readonly reason: string | undefined;
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  /** Of the request that the event belongs to. */
  readonly token: string | undefined;
}

/** A step of a deployment, of one resource. */
export type ResourceProgress = Pick<StackEvent, 'logicalId' | 'physicalId' | 'type' | 'status'> & {
  readonly reason?: string | undefined;
};

/** What is deployed, and how it was asked for. */
export interface StackRequest {
  /** As it was submitted. */
  readonly templateText: string;
  /** Values of parameters, those by default included. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly tags?: Readonly<Record<string, string>>;
  readonly capabilities?: readonly string[];
  /** Role that CloudFormation acts in. */
  readonly roleArn?: string | undefined;
  readonly description?: string | undefined;
  /** Client token of the request. */
  readonly token?: string | undefined;
  /** What a deployment that fails has done stays (`--no-rollback`). */
  readonly disableRollback?: boolean;
  /** A stack whose creation fails is deleted, in place of `ROLLBACK_COMPLETE`. */
  readonly deleteOnFailure?: boolean;
  /** The change set that is executed. */
  readonly changeSetId?: string | undefined;
}

const EVENTS_MAX = 2_000;

/** Where a stack is, and under which name. */
export interface StackPlace extends StackEnvironment {
  readonly stackName: string;
}

export class StackRecord {
  public readonly stackId: string;
  public readonly stackName: string;
  public readonly account: string;
  public readonly region: string;
  public readonly createdAt = systemClock.now();
  public updatedAt: number | undefined;
  public deletedAt: number | undefined;
  public status = 'REVIEW_IN_PROGRESS';
  public statusReason: string | undefined;
  public isProtected = false;
  /** The last that succeeded, else the first; undefined before the first. */
  public request: StackRequest | undefined;
  /** In the order in which they happened. */
  public readonly events: StackEvent[] = [];
  /** Counts what was deployed: a change set is for one of them. */
  public revision = 0;
  private token: string | undefined;
  /** What it was when a deletion began. */
  private kept: string | undefined;
  /** Operations that were begun, by client token. */
  private readonly requests = new Map<string, string>();

  /** @param incarnation tells stacks apart that follow each other under one name */
  public constructor({ account, partition, region, stackName }: StackPlace, incarnation: number) {
    this.stackName = stackName;
    this.account = account;
    this.region = region;
    const digest = createHash('sha256').update(`${account}/${region}/${stackName}/${incarnation}`).digest('hex');
    const uuid = digest.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');
    this.stackId = `arn:${partition}:cloudformation:${region}:${account}:stack/${stackName}/${uuid}`;
  }

  /** The deployment succeeded. */
  public complete(request: StackRequest): void {
    this.request = request;
    const isUpdate = this.status === 'UPDATE_IN_PROGRESS';
    // What was replaced or has left the template is deleted when the rest is done.
    if (isUpdate) this.enter('UPDATE_COMPLETE_CLEANUP_IN_PROGRESS');
    this.enter(isUpdate ? 'UPDATE_COMPLETE' : 'CREATE_COMPLETE');
  }

  /** Whether there is something of the stack: one that only has a change set, or was deleted, has nothing. */
  public get isDeleted(): boolean {
    return this.deletedAt !== undefined;
  }

  /** A deployment or deletion begins; later events carry its token. */
  public begin(
    status: 'CREATE_IN_PROGRESS' | 'UPDATE_IN_PROGRESS' | 'DELETE_IN_PROGRESS',
    request: StackRequest | Partial<Pick<StackRequest, 'token'>>,
  ): void {
    this.token = request.token;
    if (status === 'DELETE_IN_PROGRESS') this.kept = this.status;
    else this.revision += 1;
    if ('templateText' in request) this.request ??= request;
    if (status === 'UPDATE_IN_PROGRESS') this.updatedAt = systemClock.now();
    this.enter(status, status === 'DELETE_IN_PROGRESS' ? undefined : 'User Initiated');
  }

  /** The operation that was begun with `token`. */
  public operationOf(token: string): string | undefined {
    return this.requests.get(token);
  }

  /** An operation begins that a client has numbered with `token`. */
  public number(token: string, operation: string): void {
    this.requests.set(token, operation);
  }

  /** A deletion that was refused leaves the stack as it was. */
  public cancelDeletion(reason: string): void {
    const status = this.kept ?? this.status;
    this.kept = undefined;
    this.enter(status, reason);
  }

  /** The stack itself comes into another status. */
  public enter(status: string, reason?: string): void {
    // What is being deleted does not become anything else on its way, such as complete.
    if (this.kept !== undefined && !status.startsWith('DELETE_')) return;
    if (status === 'DELETE_FAILED') this.kept = undefined;
    this.status = status;
    this.statusReason = reason;
    if (status === 'DELETE_COMPLETE') this.deletedAt = systemClock.now();
    const type = 'AWS::CloudFormation::Stack';
    this.tell({ logicalId: this.stackName, physicalId: this.stackId, type, status, reason });
  }

  /** Something happens to a resource. */
  public tell({ reason, ...progress }: ResourceProgress): void {
    // Clients order events by their times.
    const at = Math.max(systemClock.now(), (this.events.at(-1)?.at ?? 0) + 1);
    if (this.events.length >= EVENTS_MAX) this.events.shift();
    this.events.push({ ...progress, reason, eventId: randomUUID(), at, token: this.token });
  }

  /** What failed stays as it is, until it is deployed again or rolled back. */
  public pause(isUpdate: boolean, message: string): void {
    this.enter(`${isUpdate ? 'UPDATE' : 'CREATE'}_FAILED`, this.failureOf(isUpdate, message));
  }

  /** What stayed after a failure is taken back. @param isUpdate whether there is a state to go back to */
  public beginRollback(isUpdate: boolean, token: string | undefined): void {
    this.token = token;
    this.enter(isUpdate ? 'UPDATE_ROLLBACK_IN_PROGRESS' : 'ROLLBACK_IN_PROGRESS', 'User Initiated');
  }

  public endRollback(isUpdate: boolean, failure?: string): void {
    if (failure !== undefined) this.enter(`${isUpdate ? 'UPDATE_' : ''}ROLLBACK_FAILED`, failure);
    else {
      if (isUpdate) this.enter('UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS');
      this.enter(isUpdate ? 'UPDATE_ROLLBACK_COMPLETE' : 'ROLLBACK_COMPLETE');
    }
  }

  /** Whether a failed deployment is neither taken back nor repaired. */
  public get isPaused(): boolean {
    return this.status === 'CREATE_FAILED' || this.status === 'UPDATE_FAILED';
  }

  /**
   * What failed is taken back, as the events since the beginning of the deployment tell.
   * @param stuck reasons why resources were not, by logical id
   */
  public rollBack(isUpdate: boolean, message: string, stuck: ReadonlyMap<string, string> = new Map()): void {
    const reason = this.failureOf(isUpdate, message);
    const isDeleted = !isUpdate && this.request?.deleteOnFailure === true;
    const prefix = isUpdate ? 'UPDATE_ROLLBACK' : isDeleted ? 'DELETE' : 'ROLLBACK';
    this.enter(`${prefix}_IN_PROGRESS`, isUpdate || isDeleted ? reason : `${reason}Rollback requested by user.`);
    const done = this.eventsOfDeployment().filter(({ status }) => /_COMPLETE$/.test(status));
    for (const { logicalId, physicalId, status, type } of done.reverse()) {
      const back = status === 'CREATE_COMPLETE' ? 'DELETE' : 'UPDATE';
      const told = { logicalId, physicalId, type };
      this.tell({ ...told, status: `${back}_IN_PROGRESS` });
      const failure = stuck.get(logicalId);
      this.tell({ ...told, status: `${back}_${failure === undefined ? 'COMPLETE' : 'FAILED'}`, reason: failure });
    }
    if (stuck.size > 0) {
      const names = [...stuck.keys()].join(', ');
      this.enter(
        `${prefix}_FAILED`,
        `The following resource(s) failed to ${isUpdate ? 'update' : 'delete'}: [${names}]. `,
      );
      return;
    }
    if (isUpdate) this.enter('UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS');
    this.enter(`${prefix}_COMPLETE`);
  }

  private eventsOfDeployment(): readonly StackEvent[] {
    const begins = ({ physicalId, status }: StackEvent) =>
      physicalId === this.stackId && /^(CREATE|UPDATE)_IN_PROGRESS$/.test(status);
    return this.events.slice(this.events.map(begins).lastIndexOf(true) + 1);
  }

  /** Why a deployment failed, in the words of CloudFormation. */
  private failureOf(isUpdate: boolean, message: string): string {
    const failed = this.eventsOfDeployment().filter(({ status }) => status.endsWith('_FAILED'));
    if (failed.length === 0) return message;
    const names = failed.map(({ logicalId }) => logicalId).join(', ');
    return `The following resource(s) failed to ${isUpdate ? 'update' : 'create'}: [${names}]. `;
  }
}
