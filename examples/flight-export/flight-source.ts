import { createReadStream } from 'node:fs';

/** One row as the data set has it. */
export interface SourceFlight {
  readonly delay: number;
  readonly distance: number;
  readonly time: number;
}

/**
 * Reads the rows of `vega-datasets/data/flights-200k.json`, a JSON array of flat objects, one piece of the file at a time:
 * the first row is there before the rest of the file has been read.
 */
export async function* readFlights(file: string): AsyncGenerator<SourceFlight> {
  let rest = '';
  for await (const piece of createReadStream(file, { encoding: 'utf8', highWaterMark: 256 * 1024 })) {
    const text: string = rest + piece;
    let start = text.indexOf('{');
    let end = text.indexOf('}', start);
    while (start !== -1 && end !== -1) {
      yield JSON.parse(text.slice(start, end + 1));
      start = text.indexOf('{', end);
      end = text.indexOf('}', start);
    }
    rest = start === -1 ? '' : text.slice(start);
  }
}
