/** A test environment whose bytes are of another realm than those of Node.js, as jsdom's are. */
import { runInNewContext } from 'node:vm';
import NodeEnvironment from 'jest-environment-node';

export default class ForeignRealm extends NodeEnvironment {
  public override async setup(): Promise<void> {
    await super.setup();
    this.global.Uint8Array = runInNewContext('Uint8Array');
  }
}
