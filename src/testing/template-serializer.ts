/** A snapshot serializer for templates, whose snapshots then change with the infrastructure and not with each line of a handler. */
import { isObject } from '../base/is-object';

/** Prints a value as the runner prints all others. */
type Printer<Arguments extends unknown[]> = (value: unknown, ...more: Arguments) => string;

const cleaned = new WeakSet<object>();

/** Of assets, in their names, in the keys of buckets and in tags of images. */
const ASSET_HASH = /\b[0-9a-f]{64}\b/g;
/** What CDK gives to logical ids of versions and deployments, so that a change makes a new one: 32 digits after the 8 of the path. */
const REVISION = /(?<=[0-9A-F]{8})[0-9a-f]{32}\b/g;

/**
 * Leaves the hashes of assets out of snapshots of templates, and the logical ids that change with them: those of versions
 * of functions and of deployments of APIs. For jest and vitest: `expect.addSnapshotSerializer(templateSerializer)`, then
 * `expect(Template.fromStack(stack).toJSON()).toMatchSnapshot()`.
 */
export const templateSerializer = {
  /** Whether `value` is a template, with hashes in it. */
  test(value: unknown): boolean {
    return isTemplate(value) && !cleaned.has(value);
  },

  serialize<Config, Indentation, Depth, Refs>(
    value: unknown,
    config: Config,
    indentation: Indentation,
    depth: Depth,
    refs: Refs,
    printer: Printer<[Config, Indentation, Depth, Refs]>,
  ): string {
    const text = JSON.stringify(value).replace(ASSET_HASH, '[asset hash]').replace(REVISION, '[revision]');
    const template: unknown = JSON.parse(text);
    if (isObject(template)) cleaned.add(template);
    return printer(template, config, indentation, depth, refs);
  },
};

function isTemplate(value: unknown): value is object {
  if (!isObject(value) || !isObject(value['Resources'])) return false;
  const resources = Object.values(value['Resources']);
  return (
    resources.length > 0 && resources.every((resource) => isObject(resource) && typeof resource['Type'] === 'string')
  );
}
