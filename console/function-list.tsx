/** The functions by stack, each with the addresses at which it answers. */
import type { ConsoleFunction } from '../src/local/console/console-overview';

export interface FunctionListProps {
  readonly functions: readonly ConsoleFunction[];
  readonly chosen: string | undefined;
  readonly onChoose: (functionArn: string) => void;
}

const KINDS = { FunctionUrl: 'URL', RestApi: 'REST', HttpApi: 'HTTP', CloudFront: 'CloudFront' } as const;

export function FunctionList({ functions, chosen, onChoose }: FunctionListProps) {
  const stacks = [...new Set(functions.map(({ stackName }) => stackName))];
  return (
    <nav aria-label="Functions">
      {stacks.length === 0 && <p class="empty">No function is deployed.</p>}
      {stacks.map((stack) => (
        <section key={stack}>
          <h2>{stack}</h2>
          <ul>
            {functions
              .filter(({ stackName }) => stackName === stack)
              .map(({ functionArn, functionName, constructPath, aliases, frontEnds, runtime, memoryMb }) => (
                <li key={functionArn}>
                  <button
                    type="button"
                    class="function"
                    aria-current={functionArn === chosen}
                    onClick={() => onChoose(functionArn)}
                  >
                    <strong>{constructPath?.slice(stack.length + 1) ?? functionName}</strong>
                    <small>
                      {functionName}
                      {aliases.map((alias) => ` :${alias}`)}
                    </small>
                    <small class="facts">
                      {runtime || 'image'} · {memoryMb} MB
                      {[...new Set(frontEnds.map(({ kind }) => KINDS[kind]))].map((kind) => (
                        <span class="tag" key={kind}>
                          {kind}
                        </span>
                      ))}
                    </small>
                  </button>
                </li>
              ))}
          </ul>
        </section>
      ))}
    </nav>
  );
}
