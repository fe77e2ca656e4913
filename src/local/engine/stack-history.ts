/** The records of all stacks, those that are gone included: CloudFormation tells of them by their id. */

import { type StackPlace, StackRecord } from './stack-record';
import { partitionOf } from './stack-scope';

/** Records of deleted stacks that are kept. */
const DELETED_MAX = 100;

export class StackHistory {
  private readonly records: StackRecord[] = [];
  private opened = 0;

  /** The record of the stack that is there now, by name, or undefined. */
  public current({ account, region, stackName }: Omit<StackPlace, 'partition'>): StackRecord | undefined {
    return this.records.find(
      (record) =>
        !record.isDeleted && record.stackName === stackName && record.account === account && record.region === region,
    );
  }

  /** That of a stack by its id, also of one that is gone. */
  public byId(stackId: string): StackRecord | undefined {
    return this.records.find((record) => record.stackId === stackId);
  }

  /** All of an account and region, the newest first. */
  public all(account: string, region: string): StackRecord[] {
    return this.records.filter((record) => record.account === account && record.region === region).reverse();
  }

  /** A new stack, which has no resources yet. */
  public open(place: Omit<StackPlace, 'partition'>): StackRecord {
    this.opened += 1;
    const record = new StackRecord({ ...place, partition: partitionOf(place.region) }, this.opened);
    this.records.push(record);
    this.forgetOldest();
    return record;
  }

  private forgetOldest(): void {
    const deleted = this.records.filter(({ isDeleted }) => isDeleted);
    for (const record of deleted.slice(0, -DELETED_MAX)) this.records.splice(this.records.indexOf(record), 1);
  }
}
