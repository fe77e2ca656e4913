import { streamContract } from 'cdk-lambda-streaming/contract';
import * as z from 'zod';

/** What both sides agree on: the query, a row, and the summary that ends the stream. */
export const flightExport = streamContract({
  format: 'ndjson',
  input: z.object({
    /** Shortest distance, in miles. */
    minDistance: z.number().nonnegative().default(0),
    /** Shortest delay at arrival, in minutes; negative is early. */
    minDelay: z.number().optional(),
  }),
  chunk: z.object({
    /** Delay at arrival, in minutes. */
    delay: z.number(),
    /** Distance, in miles. */
    distance: z.number(),
    /** Scheduled hour of departure, 0 to 24. */
    hour: z.number(),
  }),
  final: z.object({
    scanned: z.number().int(),
    rows: z.number().int(),
    late: z.number().int(),
    meanDelay: z.number(),
  }),
});
