/** Method, path and headers of a request to a front end. */
import { useId } from 'preact/hooks';
import type { ConsoleFunction } from '../src/local/console/console-overview';

export interface HttpFields {
  readonly method: string;
  /** With the query, below the address of the front end; with the stage of an API. */
  readonly path: string;
  /** A line each: `name: value`. */
  readonly headers: string;
}

type FrontEnd = ConsoleFunction['frontEnds'][number];

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
/** What stands for the host: `/lambda-url/<id>`. */
const PREFIX = /^\/[^/]+\/[^/]+/;

/** What a front end is asked first. */
export function fieldsOf({ method, url }: FrontEnd): Pick<HttpFields, 'method' | 'path'> {
  return { method, path: decodeURI(new URL(url).pathname.replace(PREFIX, '')) || '/' };
}

/** What the target is asked to send. @throws Error for a line that is no header */
export function asRequest({ url }: FrontEnd, { headers, method, path }: HttpFields) {
  const { origin, pathname } = new URL(url);
  const [prefix = ''] = PREFIX.exec(pathname) ?? [];
  const pairs = headers
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [, name, value] = /^\s*([^:\s]+)\s*:\s*(.*?)\s*$/.exec(line) ?? [];
      if (name === undefined || value === undefined) throw new Error(`A header is 'name: value', got '${line}'`);
      return [name, value] as const;
    });
  const through = `${origin}${prefix}/${path.replace(/^\//, '')}`;
  return { through, method, headers: Object.fromEntries(pairs) };
}

export interface FrontEndFieldsProps {
  readonly fields: HttpFields;
  readonly onChange: (fields: HttpFields) => void;
}

export function FrontEndFields({ fields, onChange }: FrontEndFieldsProps) {
  const id = useId();
  const set = (change: Partial<HttpFields>) => onChange({ ...fields, ...change });
  return (
    <>
      <label for={`${id}method`}>Method</label>
      <select id={`${id}method`} value={fields.method} onChange={(event) => set({ method: event.currentTarget.value })}>
        {METHODS.map((method) => (
          <option key={method} value={method}>
            {method}
          </option>
        ))}
      </select>
      <label for={`${id}path`}>Path</label>
      <input
        id={`${id}path`}
        value={fields.path}
        placeholder="/path?query"
        autocomplete="off"
        spellcheck={false}
        onInput={(event) => set({ path: event.currentTarget.value })}
      />
      <label for={`${id}headers`}>Headers</label>
      <textarea
        id={`${id}headers`}
        rows={2}
        value={fields.headers}
        placeholder="name: value"
        spellcheck={false}
        onInput={(event) => set({ headers: event.currentTarget.value })}
      />
    </>
  );
}
