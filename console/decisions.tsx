/** What IAM decided, statement by statement, and what is missing where it said no. */
import type { Call } from './calls';

export function Decisions({ call }: { readonly call: Call }) {
  return (
    <section aria-label="IAM decisions">
      {call.decisions.map(({ action, explanation, principal, resource }) => (
        <div class="decision" key={action + resource}>
          <h3>
            <span class={`state ${explanation.allowed ? 'whole' : 'refused'}`}>
              {explanation.allowed ? 'allowed' : 'denied'}
            </span>{' '}
            {action}
          </h3>
          <p>
            <code>{principal}</code> on <code>{resource}</code>
          </p>
          <ul class="policies">
            {explanation.policies.map(({ kind, name, statements }) => (
              <li key={kind + name}>
                <strong>{kind}</strong> <code>{name}</code>
                <ul>
                  {statements.map(({ name: statement, effect, applies, because }) => (
                    <li key={statement} class={applies ? `applies ${effect.toLowerCase()}` : 'idle'}>
                      <b>{effect}</b> {statement}: {applies ? 'applies' : because}
                    </li>
                  ))}
                </ul>
              </li>
            ))}
          </ul>
          {explanation.missing.map(({ where, statement }) => (
            <div class="missing" key={where}>
              Missing in {where}:<pre>{JSON.stringify(statement, undefined, 2)}</pre>
            </div>
          ))}
        </div>
      ))}
    </section>
  );
}
