/** The functions by stack, each with the addresses at which it answers. */
import type { ConsoleFunction } from '../src/local/console/console-overview';
import { shortName } from './calls';
import { PathName } from './path-name';

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
              .map((fn) => (
                <li key={fn.functionArn}>
                  <button
                    type="button"
                    class="function"
                    aria-current={fn.functionArn === chosen}
                    onClick={() => onChoose(fn.functionArn)}
                  >
                    <strong>
                      <PathName path={shortName(fn)} />
                    </strong>
                    <small class="generated" title={fn.functionName}>
                      {fn.functionName}
                      {fn.aliases.map((alias) => ` :${alias}`)}
                    </small>
                    <small class="facts">
                      {fn.runtime || 'image'} · {fn.memoryMb} MB
                      {[...new Set(fn.frontEnds.map(({ kind }) => KINDS[kind]))].map((kind) => (
                        <span class="tag" key={kind}>
                          {kind}
                        </span>
                      ))}
                    </small>
                  </button>
                  {fn.functionArn === chosen && fn.frontEnds.length > 0 && (
                    <ul class="addresses">
                      {fn.frontEnds.map(({ kind, method, note, url }) => (
                        <li key={method + url}>
                          <a href={url} target="_blank" rel="noopener noreferrer" title={url}>
                            {KINDS[kind]} {new URL(url).pathname.split('/').slice(3).join('/') || '/'}
                          </a>{' '}
                          <small>{note}</small>
                        </li>
                      ))}
                    </ul>
                  )}
                </li>
              ))}
          </ul>
        </section>
      ))}
    </nav>
  );
}
