/** Reads what an answer that is not a stream says: AWS's services in their dialects, and the error pages of others. Portable. */

/** What a refusal says, as far as it says it. */
export interface Said {
  /** For example `AccessDeniedException`. */
  readonly name?: string;
  readonly message?: string;
  readonly reason?: string;
}

/** @param header value of a header; undefined where it is missing or hidden */
export function readRefusal(header: (name: string) => string | undefined, body: string): Said {
  // The header's value may go on with an address of the service: AccessDeniedException:http://…
  const [fromHeader] = header('x-amzn-errortype')?.split(':') ?? [];
  const said = readBody(mediaType(header('content-type')), body);
  return { ...said, name: fromHeader || said.name };
}

/** `text/plain; charset=utf-8` → `text/plain` */
export function mediaType(contentType: string | null | undefined): string | undefined {
  return contentType?.split(';', 1)[0]?.trim().toLowerCase() || undefined;
}

/** One line of at most 200 characters. */
export function excerpt(body: string): string {
  const line = body.replace(/\s+/g, ' ').trim();
  return line.length > 200 ? `${line.slice(0, 199)}…` : line;
}

function readBody(type: string | undefined, body: string): Said {
  if (type?.endsWith('xml') || body.startsWith('<?xml')) return readXml(body);
  return type === 'text/html' ? readHtml(body) : readJson(body);
}

function readJson(body: string): Said {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return { message: excerpt(body) }; // plain words, or the beginning of a longer body
  }
  if (typeof value !== 'object' || value === null) return { message: excerpt(body) };
  const { __type, Code, code, Message, message, Reason } = value as Readonly<Record<string, unknown>>;
  const name = text(__type)?.replace(/^.*#/, '') ?? text(Code) ?? text(code);
  return { name, message: text(Message) ?? text(message) ?? excerpt(body), reason: text(Reason) };
}

function readXml(body: string): Said {
  const element = (name: string) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(body)?.[1];
  return { name: element('Code'), message: element('Message') ?? excerpt(body) };
}

/** An error page: its title says what happened. */
function readHtml(body: string): Said {
  const [, title] = /<title>([^<]*)<\/title>/i.exec(body) ?? [];
  return { message: title?.trim() || excerpt(body.replace(/<[^>]*>/g, ' ')) };
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
