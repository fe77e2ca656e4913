/** The folder of the code that a function or a layer names. */
import { codeBucketProblem } from '../code-bucket';
import type { Properties } from './properties';
import type { ResourceContext } from './provider';

/** @throws where there is none, or Lambda cannot read it */
export function codeFolder(context: ResourceContext, code: Properties): string {
  const { directory } = context.locateCode(code);
  const problem = codeBucketProblem(context.state, code.optionalText('S3Bucket') ?? '', context.region);
  if (problem !== undefined) throw new Error(problem);
  return directory;
}
