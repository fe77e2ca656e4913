/**
 * Where a function may send what came of its events, and those that it gave up.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-lambda-eventinvokeconfig-destinationconfig.html
 */
import type { Properties } from './properties';

const FIFO = /\.fifo$/;

/**
 * The ARN under `name`, undefined where there is none, or an empty one.
 * @param services who takes it
 * @throws Error in the words of Lambda for the ARN of anything else, and of a FIFO queue or topic
 */
export function destinationArn(
  properties: Properties | undefined,
  name: string,
  services: readonly string[],
): string | undefined {
  const arn = properties?.optionalText(name);
  if (arn === undefined || arn === '') return undefined;
  const [, service = ''] = /^arn:[^:]+:([\w-]+):[^:]*:[^:]*:.+$/.exec(arn) ?? [];
  if (services.includes(service) && !FIFO.test(arn)) return arn;
  throw new Error(
    `The destination ARN ${arn} is invalid. (Service: Lambda, Status Code: 400); it must be one of ${services.join(', ')}, and no FIFO queue or topic`,
  );
}
