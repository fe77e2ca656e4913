/** The end of a program that only serves others, where nobody asked it to go on. */

/** Says why a program that only serves others is over; gives what takes that back. */
export function tellEnd(endpoint: string): () => void {
  const tell = () =>
    process.emitWarning(
      `the local target at ${endpoint} ends with this process, which has nothing else to do and did not call stop(); ` +
        'give startLocal() a port, 0 for any free one, to keep it serving',
    );
  process.once('beforeExit', tell);
  return () => process.off('beforeExit', tell);
}
