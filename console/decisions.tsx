/** What IAM decided, statement by statement, and what is missing where it said no. */
import type { ExplainedStatement } from '../src/local/iam/explain';
import type { Call } from './calls';

export function Decisions({ call }: { readonly call: Call }) {
  if (call.decisions.length === 0) return null;
  return (
    <section aria-label="IAM decisions">
      <h3>IAM</h3>
      {call.decisions.map(({ action, explanation, principal, resource }) => (
        <div class="decision" key={action + resource}>
          <h3>
            <span class={`state ${explanation.allowed ? 'whole' : 'refused'}`}>
              {explanation.allowed ? 'allowed' : 'denied'}
            </span>
            {action}
          </h3>
          <p>
            <code>{principal}</code> on <code>{resource}</code>
          </p>
          <ul class="policies">
            {explanation.policies.map(({ kind, name, statements }) => (
              <li key={kind + name}>
                {kind} <code>{name}</code>
                <ul>
                  {statements.map((statement) => (
                    <Statement key={statement.name} {...statement} />
                  ))}
                </ul>
              </li>
            ))}
          </ul>
          {explanation.missing.map(({ where, statement }) => (
            <div class="missing" key={where}>
              Missing in {where}, for example
              <pre>{JSON.stringify(statement, undefined, 2)}</pre>
            </div>
          ))}
        </div>
      ))}
    </section>
  );
}

function Statement({ applies, because, effect, name }: ExplainedStatement) {
  return (
    <li class={applies ? `applies ${effect.toLowerCase()}` : 'idle'}>
      <b>{effect}</b> <span>{name}</span> <span>{applies ? 'applies' : because}</span>
    </li>
  );
}
