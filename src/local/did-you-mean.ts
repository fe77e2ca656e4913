/** The hint of a message about a name that is not known. */
import { nearestName } from '../base/nearest-name';

/** ` (did you mean 'x'?)`, or nothing where no name is near. */
export function didYouMean(name: string, names: readonly string[]): string {
  const near = nearestName(name, names);
  return near === undefined ? '' : ` (did you mean '${near}'?)`;
}
