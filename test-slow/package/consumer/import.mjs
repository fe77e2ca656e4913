const expected = {
  contract: 'streamContract',
  handler: 'streamHandler',
  invoker: 'streamInvoker',
  fetcher: 'streamFetcher',
  local: 'startLocal',
  testing: 'deployStreamTestStack',
};
for (const [entry, name] of Object.entries(expected)) {
  const module = await import(`cdk-lambda-streaming/${entry}`);
  if (typeof module[name] !== 'function') throw new Error(`${entry} does not export ${name}`);
}
console.log('entries ok');
