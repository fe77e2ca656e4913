/**
 * The comment after the last event of a whole stream of server-sent events that has no contract. Readers skip comments,
 * so it changes nothing for those who do not look for it; see docs/stream-protocol.md.
 */
export const SSE_END_MARK = ': $stream end\n\n';
