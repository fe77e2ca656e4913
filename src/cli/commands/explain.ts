/** `explain`: who may call a function of a running local target, or what its role may do, and why not. */
import type { PrincipalDecision } from '../../local/who-may';
import { askForAll } from '../control';
import type { ExitCode, Terminal } from '../terminal';

export interface ExplainOptions {
  readonly function: string;
  readonly qualifier?: string;
  readonly as?: string;
  readonly action: string;
  readonly resource?: string;
}

export async function run(options: ExplainOptions, terminal: Terminal): Promise<ExitCode> {
  const isOne = options.as !== undefined || options.resource !== undefined;
  let isRefused = false;
  for await (const answer of askForAll('explain', options, terminal)) {
    const { action, resource, throughUrl, decisions } = answer;
    terminal.json(answer);
    terminal.line(`${action} on ${resource}${throughUrl ? ', called by its URL' : ''}`);
    for (const decision of decisions) tell(decision, isOne, terminal);
    if (decisions.length === 0) terminal.line('  the deployed stacks have no role');
    isRefused ||= decisions.some(({ allowed }) => !allowed);
  }
  return isOne && isRefused ? 1 : 0;
}

/** @param isAll whether every statement that was looked at is told */
function tell(decision: PrincipalDecision, isAll: boolean, { line, colors }: Terminal): void {
  const { as, allowed, summary, missing, details } = decision;
  line((allowed ? colors.green : colors.red)(`${allowed ? '✓' : '✗'} ${as}`));
  if (isAll) {
    for (const text of [summary, ...details.split('\n')]) line(`    ${text}`);
    return;
  }
  if (allowed) return;
  if (missing.length === 0) line(`    ${summary}`);
  for (const { where, statement } of missing) line(`    ${where} lacks ${JSON.stringify(statement)}`);
}
