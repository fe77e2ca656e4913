export * from './bundling/streaming-bundling-options';
export * from './bundling/streaming-code';
