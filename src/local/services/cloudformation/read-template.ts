/** The template of a request: in its body, or an object of S3. */
import { decodeEscapes } from '../../../base/decode-escapes';
import { TEMPLATE_BODY_MAX_BYTES } from '../../../wire/limits';
import { checkTemplate, type Template } from '../../assembly/template';
import { isAssemblyError } from '../../local-error';
import { demand } from '../service-operation';
import { type CloudFormationCall, objectText, textOf, validationError } from './cloudformation-call';
import { parseYaml } from './parse-yaml';

export interface SubmittedTemplate {
  /** As it was submitted. */
  readonly text: string;
  readonly template: Template;
}

/** @param previous what `UsePreviousTemplate` means */
export function readTemplate(call: CloudFormationCall, previous: string | undefined): SubmittedTemplate {
  const text = templateText(call, previous);
  return { text, template: parseTemplate(text) };
}

export function parseTemplate(text: string): Template {
  const value = parseText(text);
  try {
    return checkTemplate(value, 'Template format error');
  } catch (error) {
    if (isAssemblyError(error)) throw validationError(error.message);
    throw error;
  }
}

function parseText(text: string): unknown {
  const isJson = /^\s*\{/.test(text);
  try {
    return isJson ? JSON.parse(text) : parseYaml(text);
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    throw validationError(`Template format error: ${isJson ? 'JSON' : 'YAML'} not well-formed. (${problem})`);
  }
}

function templateText(call: CloudFormationCall, previous: string | undefined): string {
  if (call.input['UsePreviousTemplate'] === 'true') {
    if (previous === undefined) throw validationError('UsePreviousTemplate needs a stack that has a template');
    return previous;
  }
  const url = textOf(call, 'TemplateURL');
  if (url === undefined) {
    const body = textOf(call, 'TemplateBody');
    if (body === undefined) throw validationError('Either Template URL or Template Body must be specified.');
    if (Buffer.byteLength(body) > TEMPLATE_BODY_MAX_BYTES) {
      throw validationError(
        `1 validation error detected: Value at 'templateBody' failed to satisfy constraint: Member must have length less than or equal to ${TEMPLATE_BODY_MAX_BYTES}`,
      );
    }
    return body;
  }
  const { bucket, key } = placeOf(url);
  demand('s3:GetObject', `arn:aws:s3:::${bucket}/${key}`, call.caller, call.authorize, 'query');
  const text = objectText(call, bucket, key);
  if (text === undefined) throw validationError(`TemplateURL must be an object of a bucket that is here, got ${url}`);
  return text;
}

/** `<endpoint>/<bucket>/<key>`, `https://s3.<region>.amazonaws.com/<bucket>/<key>` or `https://<bucket>.s3.…/<key>`. */
function placeOf(url: string): { readonly bucket: string; readonly key: string } {
  const { hostname, pathname } = URL.canParse(url) ? new URL(url) : new URL('http://localhost/');
  const path = decodeEscapes(pathname).slice(1);
  const [, bucket] = /^(.+)\.s3[.-].*amazonaws\.com(?:\.cn)?$/.exec(hostname) ?? [];
  if (bucket !== undefined) return { bucket, key: path };
  const slash = path.indexOf('/');
  return { bucket: path.slice(0, Math.max(0, slash)), key: path.slice(slash + 1) };
}
