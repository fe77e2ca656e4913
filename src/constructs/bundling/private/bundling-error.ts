/** Raised when an entry cannot be found, built or staged; recognise it by `name`, since a package can be loaded twice. */
export class BundlingError extends Error {
  readonly name = 'BundlingError';
}
