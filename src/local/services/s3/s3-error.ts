/** The errors of S3 that more than one place tells. https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
import { ServiceException } from '../../errors';

/** The type of a refusal that AWS would not give. */
export const NOT_PLAYED = 'NotImplemented';

/** @param members beside code and message, for example `Size` */
export function s3Error(
  type: string,
  statusCode: number,
  message: string,
  members?: Readonly<Record<string, string>>,
): ServiceException {
  return new ServiceException({ type, statusCode, message, ...(members && { members }) });
}

export const incompleteBody = (): ServiceException =>
  s3Error('IncompleteBody', 400, 'You did not provide the number of bytes specified by the Content-Length HTTP header');

export const malformedXml = (): ServiceException =>
  s3Error(
    'MalformedXML',
    400,
    'The XML you provided was not well-formed or did not validate against our published schema',
  );

export const malformedTrailer = (): ServiceException =>
  s3Error(
    'MalformedTrailerError',
    400,
    'The request contained trailing data that was not well-formed or did not conform to our published schema.',
  );

export const notImplementedHeader = (header: string): ServiceException =>
  s3Error('NotImplemented', 501, 'A header you provided implies functionality that is not implemented', {
    Header: header,
  });

export const invalidArgument = (message: string, name: string, value: string): ServiceException =>
  s3Error('InvalidArgument', 400, message, { ArgumentName: name, ArgumentValue: value });
