/** The console's page: one file that holds its script and its style, and the policy that lets nothing else in. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { assetFolder } from '../runtime/runtime-path';

export interface ConsolePage {
  readonly html: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

/** @throws Error where the page has not been built */
export function readConsolePage(): ConsolePage {
  const html = readFileSync(join(assetFolder('console'), 'index.html'));
  const text = html.toString('utf8');
  const policy = [
    "default-src 'none'",
    // A script may hold the text of elements, and ends with the last end tag.
    `script-src ${hashOf(/<script[^>]*>([\s\S]*)<\/script>/, text)}`,
    `style-src ${hashOf(/<style>([\s\S]*?)<\/style>/, text)}`,
    "connect-src 'self'",
    "img-src data: 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ];
  return {
    html,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': policy.join('; '),
      // Its address holds the token.
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
    },
  };
}

/** What stands inside of an element, by its hash: https://www.w3.org/TR/CSP3/#grammardef-hash-source */
function hashOf(element: RegExp, html: string): string {
  const [, text = ''] = element.exec(html) ?? [];
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}
