// Ends a worker of jest that holds nothing any more as soon as jest lets it go. Left alone it waits for what V8 compiles and
// collects beside it, on a busy machine for longer than the half second after which jest takes it for a leak.
// One that does hold something is left to jest, and what that is, is said.
const END = 2; // CHILD_MESSAGE_END of jest-worker

if (process.send !== undefined) {
  process.on('message', (message) => {
    if (!Array.isArray(message) || message[0] !== END) return;
    // Its standard output and its channel to jest are pipes.
    const held = process.getActiveResourcesInfo().filter((name) => name !== 'PipeWrap');
    if (held.length === 0) process.exit();
    process.stderr.write(`a worker of jest ends with open resources: ${held.join(', ')}\n`);
    // Not to be kept alive by this one.
    process.removeAllListeners('message');
  });
}
