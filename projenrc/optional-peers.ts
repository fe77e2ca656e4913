import { Component } from 'projen';
import type { NodeProject } from 'projen/lib/javascript';

/**
 * Declares optional peers by `peerDependenciesMeta` alone: jsii refuses a peer that is not a jsii module,
 * so `build-tools/pack.mjs` writes the version ranges, and makes every peer optional, in the packed manifest only.
 */
export class OptionalPeers extends Component {
  public constructor(project: NodeProject, peers: Readonly<Record<string, string>>) {
    super(project);
    const meta = Object.fromEntries(Object.keys(peers).map((name) => [name, { optional: true }]));
    project.package.addField('peerDependenciesMeta', meta);
    project.package.addField('optionalPeerRanges', peers);
  }
}
