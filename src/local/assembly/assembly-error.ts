/** The cloud assembly cannot be read or does not fit together; recognised by its name. */
export class AssemblyError extends Error {
  override readonly name = 'AssemblyError';
}
