/** A model that stops in the middle of an answer until it is told to go on: no test has to be quicker than it. */
import { type LoopbackServer, startLoopbackServer } from '../../src/testing/loopback-server';
import { modelHeaders, modelPieces } from '../../src/testing/model-protocols';

export interface HeldModel extends LoopbackServer {
  /** The next answer stops after as many events, and goes on when the function that is returned is called. */
  holdAfter(events: number): () => void;
}

/** It speaks as OpenAI's chat completions do. */
export async function startHeldModel(tokens: readonly string[]): Promise<HeldModel> {
  let hold: { readonly events: number; readonly released: Promise<void> } | undefined;
  const server = await startLoopbackServer(async (_request, _body, response) => {
    const held = hold;
    hold = undefined;
    response.writeHead(200, modelHeaders('openai-chat')).flushHeaders();
    for (const [at, piece] of modelPieces('openai-chat', tokens).entries()) {
      if (at === held?.events) await held.released;
      response.write(piece);
    }
    response.end();
  });
  const holdAfter = (events: number) => {
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    hold = { events, released };
    return release;
  };
  return { ...server, holdAfter };
}
