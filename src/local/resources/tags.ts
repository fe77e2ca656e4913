/** Reads the `Tags` of a resource, which policies may ask for. */

import type { Properties } from './properties';

/** Values by key. */
export function readTags(properties: Properties): Record<string, string> {
  return Object.fromEntries(properties.items('Tags').map((tag) => [tag.text('Key'), tag.text('Value')]));
}
