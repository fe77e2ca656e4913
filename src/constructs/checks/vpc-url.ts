/** A function attached to a VPC streams through a URL: documented as not supported. */
import type { App } from './app';
import { listOf, member, pathOf } from './rendered-resource';
import type { Finding, Rule } from './rule';
import { streamingUrls } from './streaming-doors';

export function vpcUrlMessage(fn: string): string {
  return (
    `the function ${fn} is attached to a VPC, and AWS documents that function URLs do not stream responses there; ` +
    'invoke it with the InvokeWithResponseStream API, through an interface endpoint inside the VPC, or put a streaming REST API in front of it'
  );
}

export const vpcUrl: Rule = {
  id: 'VpcUrl',
  *find(app: App): Iterable<Finding> {
    for (const { at, target } of streamingUrls(app)) {
      const subnets = member(target?.fn?.properties['VpcConfig'], 'SubnetIds');
      if (target?.fn && listOf(subnets).length > 0) yield { at, message: vpcUrlMessage(pathOf(target.fn)) };
    }
  },
};
