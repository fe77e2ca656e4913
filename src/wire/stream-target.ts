/**
 * The record by which a deployed stack tells the invoker what to call.
 * `exportStreamTarget()` writes it as JSON into a stack output; `StreamTarget.fromOutputs…` reads it.
 */
export interface StreamTargetRecord {
  /** Marks the output as ours and gives the layout's version. */
  readonly streamTarget: 1;
  /** ARN of the function with its qualifier: `arn:aws:lambda:<region>:<account>:function:<name>:<alias>`. */
  readonly functionArn: string;
  readonly region: string;
  /** HTTPS address of the streaming function URL, where there is one. */
  readonly url?: string;
}

/** Construct id of the output under the function; the output's logical id contains it. */
export const STREAM_TARGET_OUTPUT_ID = 'StreamTarget';

/** The record in `text`, or undefined where `text` is not one. */
export function parseStreamTargetRecord(text: string): StreamTargetRecord | undefined {
  if (!text.startsWith('{')) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined; // another output that merely begins with a brace
  }
  const record = value as Partial<StreamTargetRecord>;
  const isRecord =
    record.streamTarget === 1 && typeof record.functionArn === 'string' && typeof record.region === 'string';
  return isRecord ? (record as StreamTargetRecord) : undefined;
}
