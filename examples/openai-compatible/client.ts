/**
 * The stock client, with the credentials in the environment: `tsx client.ts <function URL> <prompt>` signs its requests, and
 * `tsx client.ts <function ARN> <prompt>` invokes the function without any HTTP endpoint.
 */
import { wholeFetch } from 'cdk-lambda-streaming/fetcher';
import { invokeFetch } from 'cdk-lambda-streaming/invoker';
import OpenAI from 'openai';

const [where = '', prompt = 'hello'] = process.argv.slice(2);
const { AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '', AWS_SESSION_TOKEN, AWS_REGION } = process.env;
const credentials = {
  accessKeyId: AWS_ACCESS_KEY_ID,
  secretAccessKey: AWS_SECRET_ACCESS_KEY,
  sessionToken: AWS_SESSION_TOKEN,
};
const openai = where.startsWith('arn:')
  ? new OpenAI({ baseURL: 'https://agent/v1', apiKey: 'IAM decides', fetch: invokeFetch({ functionName: where }) })
  : new OpenAI({
      baseURL: new URL('v1', where).href,
      apiKey: 'IAM decides',
      fetch: wholeFetch(undefined, { sign: { credentials, region: AWS_REGION, service: 'lambda' } }),
    });

async function main(): Promise<void> {
  const messages = [{ role: 'user' as const, content: prompt }];
  for await (const { choices } of await openai.chat.completions.create({ model: 'echo', messages, stream: true })) {
    const [{ delta, finish_reason } = { delta: {}, finish_reason: null }] = choices;
    if (delta.content) console.log('word', JSON.stringify(delta.content));
    if (finish_reason) console.log('finished', finish_reason);
  }
}

main().catch((error: unknown) => {
  console.log('failed', error instanceof Error ? `${error.name}: ${error.message}` : error);
  process.exitCode = 1;
});
