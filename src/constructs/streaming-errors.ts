/** The errors of synth, for whoever wants to tell them from others. Recognise them with their guards, never by `instanceof`. */
export { BundlingError, type BundlingErrorCode, isBundlingError } from './bundling/bundling-error';
export { isStreamingConstructError, StreamingConstructError } from './problems/construct-error';
