/** The form of a check: one rule per file, a stable id, findings with the construct to point at. */
import type { IConstruct } from 'constructs';
import type { CheckedApp } from './checked-app';

/** One thing that would break, buffer or expose a stream, and the construct whose author can change it. */
export interface Finding {
  readonly at: IConstruct;
  /** Cause and fix, in this order. */
  readonly message: string;
}

/** A check over a whole app. Its id, with the package's prefix, is the id of the warning. */
export interface Rule {
  readonly id: string;
  find(app: CheckedApp): Iterable<Finding>;
}
