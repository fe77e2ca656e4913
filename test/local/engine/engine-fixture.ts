/** A deploy engine with an empty state for each test, and shorthand for the templates it is given. */

import { DeployEngine } from '../../../src/local/engine/deploy-engine';
import { emptyState, type LocalState } from '../../../src/local/state';
import { removeFolders, type StackSource, writeAssembly } from './write-assembly';

export const A = { account: '111111111111', region: 'eu-west-1' };
export const B = { account: '222222222222', region: 'eu-west-1' };

/** Renewed before each test. */
export let state: LocalState;
/** Renewed before each test. */
export let engine: DeployEngine;

beforeEach(() => {
  state = emptyState();
  engine = new DeployEngine({
    state,
    defaultAccount: '999999999999',
    defaultRegion: 'us-east-1',
    endpoint: () => 'http://127.0.0.1:1',
  });
});

afterEach(() => {
  engine.close();
  removeFolders();
});

type Resources = NonNullable<StackSource['template']['Resources']>;

export function stack(
  Resources: Resources,
  more: Partial<StackSource['template']> = {},
  env: Partial<StackSource> = A,
): StackSource {
  return { ...env, template: { Resources, ...more } };
}

export const deploy = (
  stacks: Readonly<Record<string, StackSource>>,
  ...rest: [Parameters<DeployEngine['deploy']>[1]?]
) => engine.deploy(writeAssembly(stacks), ...rest);

export const role = (RoleName: string, AWS: unknown = { Ref: 'AWS::AccountId' }) => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    RoleName,
    AssumeRolePolicyDocument: { Statement: { Effect: 'Allow', Principal: { AWS }, Action: 'sts:AssumeRole' } },
  },
});
export const logGroup = (Properties: Record<string, unknown> = {}, more: object = {}) => ({
  Type: 'AWS::Logs::LogGroup',
  Properties,
  ...more,
});
export const version = (name = 'Fn') => ({ Type: 'AWS::Lambda::Version', Properties: { FunctionName: { Ref: name } } });
export const alias = (versionId: string) => ({
  Type: 'AWS::Lambda::Alias',
  Properties: {
    Name: 'live',
    FunctionName: { Ref: 'Fn' },
    FunctionVersion: { 'Fn::GetAtt': [versionId, 'Version'] },
  },
});
export const permission = (Principal: string, FunctionName: unknown = { Ref: 'Live' }) => ({
  Type: 'AWS::Lambda::Permission',
  Properties: { Action: 'lambda:InvokeFunction', FunctionName, Principal },
});

/** What of the state a test may compare. */
export function snapshot(): unknown {
  return JSON.parse(
    JSON.stringify(state, (_, value: unknown) => {
      if (value instanceof Set) return [...value];
      return value instanceof Map ? Object.fromEntries(value) : value;
    }),
  );
}
