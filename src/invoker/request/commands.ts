/**
 * Makes the SDK's commands. They belong to the copy of the SDK that the client is from: a newer copy's commands do not fit
 * an older client. `Lambda` of the SDK makes its own by its methods; for a `LambdaClient`, which has none, and for the
 * invoker's own client the SDK is loaded.
 */
import type {
  InvokeCommandInput,
  InvokeWithResponseStreamCommandInput,
  Lambda,
  LambdaClient,
} from '@aws-sdk/client-lambda';
import { loadClientLambda } from './load-client-lambda';
import type { Command } from './send-request';

/** One command for each attempt. */
export interface Commands {
  invokeWithResponseStream(input: InvokeWithResponseStreamCommandInput): Command;
  invoke(input: InvokeCommandInput): Command;
}

/** @throws StreamError `CONFIG_INVALID` where the SDK is needed and cannot be loaded */
export async function commandsFor(client: LambdaClient | undefined): Promise<Commands> {
  const own = client && commandsOf(client);
  if (own !== undefined) return own;
  const { InvokeWithResponseStreamCommand, InvokeCommand } = await loadClientLambda(client !== undefined);
  return {
    invokeWithResponseStream: (input) => new InvokeWithResponseStreamCommand(input),
    invoke: (input) => new InvokeCommand(input),
  };
}

/** Undefined for a client whose methods make no commands: it has none, or they are mocked. */
function commandsOf(client: LambdaClient): Commands | undefined {
  const lambda = client as Lambda;
  if (typeof lambda.invokeWithResponseStream !== 'function' || typeof lambda.invoke !== 'function') return undefined;
  const commands: Commands = {
    invokeWithResponseStream: (input) => taken(lambda, (taker) => taker.invokeWithResponseStream(input)) as Command,
    invoke: (input) => taken(lambda, (taker) => taker.invoke(input)) as Command,
  };
  return commands.invoke({ FunctionName: undefined }) === undefined ? undefined : commands;
}

/** What `call` hands to `send()`. The client itself sends nothing and stays as it is. */
function taken(client: Lambda, call: (taker: Lambda) => Promise<unknown>): unknown {
  let command: unknown;
  const send = async (given: unknown) => {
    command = given;
  };
  const settled = call(Object.create(client, { send: { value: send } }));
  // What a mock says is of no interest: no command came of it.
  Promise.resolve(settled).catch(() => undefined);
  return command;
}
