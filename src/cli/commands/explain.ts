/** `explain`: who may call a function of a running local target, and why not. */
import type { PrincipalDecision } from '../../local/who-may';
import { ask } from '../control';
import type { ExitCode, Terminal } from '../terminal';

export interface ExplainOptions {
  readonly function: string;
  readonly qualifier?: string;
  readonly as?: string;
  readonly action: string;
}

export async function run(options: ExplainOptions, terminal: Terminal): Promise<ExitCode> {
  const { function: name, qualifier, as } = options;
  const question = { function: name, qualifier, as, action: options.action };
  const { action, resource, decisions } = await ask('explain', question, terminal);
  terminal.json({ action, resource, decisions });
  terminal.line(`${action} on ${resource}`);
  for (const decision of decisions) tell(decision, as !== undefined, terminal);
  if (decisions.length === 0) terminal.line('  the deployed stacks have no role');
  return as !== undefined && decisions.some(({ allowed }) => !allowed) ? 1 : 0;
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
