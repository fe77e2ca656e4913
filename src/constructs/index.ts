export * from './bundling/streaming-bundling-options';
export * from './bundling/streaming-code';
export * from './stream-grants';
export * from './streaming-alias';
export * from './streaming-function';
