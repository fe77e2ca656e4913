/** Streams a page to browsers and HTTP clients: head first, then a line each moment. Speaks HTTP without a contract. */
interface ResponseStream {
  setContentType(type: string): void;
  write(text: string): boolean;
  end(): void;
  once(event: 'drain', listener: () => void): void;
}

declare const awslambda: {
  streamifyResponse(handler: (event: unknown, stream: ResponseStream) => Promise<void>): unknown;
};

const LINES = 20;
const PAUSE_MS = 100;

export const handler = awslambda.streamifyResponse(async (_event, stream) => {
  stream.setContentType('text/plain; charset=utf-8');
  for (let line = 1; line <= LINES; line++) {
    if (!stream.write(`line ${line} of ${LINES}\n`))
      await new Promise<void>((resolve) => stream.once('drain', resolve));
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  stream.end();
});
