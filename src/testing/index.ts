export type { RoleCredentials, TestCredentials, TestSigner, TestSigningOptions } from './aws-caller';
export { conformanceApp } from './conformance/fetch-app';
export { conformanceListener } from './conformance/node-app';
export type { ModelProtocol } from './model-protocols';
export { modelHeaders, modelPieces } from './model-protocols';
export type { ReplayOptions, StreamReplay } from './replay-streams';
export { replayStreams } from './replay-streams';
export type { ScriptedModel, ScriptedModelOptions } from './scripted-model';
export { startScriptedModel } from './scripted-model';
export type { MatchedStream, StreamMatcherContext, StreamMatcherResult, StreamMatchers } from './stream-matchers';
export { streamMatchers } from './stream-matchers';
export type { RecordableBranch, RecordableStream } from './stream-recorder';
export { StreamRecorder } from './stream-recorder';
export type { StreamTest, StreamTestFunction, StreamTestRunner } from './stream-test';
export { streamTest } from './stream-test';
export type {
  StreamTestDeployment,
  StreamTestDeploymentOptions,
  TestClientConfig,
  TestPlace,
} from './stream-test-deployment';
export { deployStreamTestStack } from './stream-test-deployment';
export type { StreamTimelineProps, TimelineChunk } from './stream-timeline';
export { streamTimeline } from './stream-timeline';
export { templateSerializer } from './template-serializer';
export type { StreamTestApp } from './test-assembly';
