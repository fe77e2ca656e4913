/** What a deployment says about resources that do nothing here: calmly, once for all of a kind. */

import { QUIET_TYPES } from '../resources/inert-types';

/** A resource that does nothing, though its type is played. */
export interface IdleResource {
  readonly type: string;
  /** Stack and logical id. */
  readonly where: string;
  /** In words for a list of such resources; none where the type says enough. */
  readonly reason: string | undefined;
}

/** @param types of all resources whose type is not played */
export function idleWarnings(types: readonly string[], idle: readonly IdleResource[]): string[] {
  const named = [...types, ...idle.flatMap(({ type, reason }) => (reason === undefined ? [type] : []))];
  const told = named.filter((type) => !QUIET_TYPES.includes(type)).sort();
  const byReason = new Map<string, string[]>();
  for (const { reason, where } of idle) {
    if (reason !== undefined) byReason.set(reason, [...(byReason.get(reason) ?? []), where]);
  }
  return [...(told.length > 0 ? [summary(told)] : []), ...[...byReason].map(([reason, where]) => line(reason, where))];
}

/** One line for all of them: an app may have hundreds. */
function summary(types: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const type of types) counts.set(type, (counts.get(type) ?? 0) + 1);
  const list = [...counts].map(([type, count]) => (count === 1 ? type : `${type} (${count})`)).join(', ');
  const them =
    types.length === 1
      ? '1 resource does nothing here, and calls to it'
      : `${types.length} resources do nothing here, and calls to them`;
  return `${them} fail: ${list}`;
}

const NAMED = 5;

function line(reason: string, where: readonly string[]): string {
  const more = where.length > NAMED ? ` and ${where.length - NAMED} more` : '';
  const them = where.length === 1 ? '1 custom resource does' : `${where.length} custom resources do`;
  return `${them} nothing here (${where.slice(0, NAMED).join(', ')}${more}): ${reason}`;
}
