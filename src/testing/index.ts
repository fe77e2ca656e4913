export type { RoleCredentials } from './assume-role';
export { conformanceApp } from './conformance/fetch-app';
export { conformanceListener } from './conformance/node-app';
export type { ModelProtocol } from './model-protocols';
export { modelHeaders, modelPieces } from './model-protocols';
export type { ScriptedModel, ScriptedModelOptions } from './scripted-model';
export { startScriptedModel } from './scripted-model';
export type {
  StreamTestDeployment,
  StreamTestDeploymentOptions,
  TestClientConfig,
  TestPlace,
} from './stream-test-deployment';
export { deployStreamTestStack } from './stream-test-deployment';
export type { StreamTimelineProps, TimelineChunk } from './stream-timeline';
export { streamTimeline } from './stream-timeline';
