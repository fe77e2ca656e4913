/** Warns about a handler that the bundle does not have: Lambda would say so at the first invoke only. */
import * as path from 'node:path';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Annotations, Stack, Token } from 'aws-cdk-lib/core';
import { isAlone } from './build/build-settings';
import { hasSteps } from './build/custom-steps';
import type { BundleContents, BundleRequest } from './bundle-request';
import { field } from './failures';

/** A name with dots is looked up inside of an export. */
const IN_BUNDLE = /^index\.([A-Za-z_$][\w$]*)(\.|$)/;
/** As Lambda's runtime for Node.js takes it apart: the file is all up to the first dot after the last slash. */
const FILE_AND_EXPORT = /^((?:.*\/)?[^./]*)\.([^/]+)$/;

/**
 * Looks at the handler once the app is complete: until then, aspects and overrides may change it.
 *
 * By a warning, since wrappers may call something else.
 */
export function warnAboutHandler(
  request: BundleRequest,
  resource: lambda.CfnFunction,
  contents: () => BundleContents | undefined,
): void {
  request.scope.node.addValidation({
    validate: () => {
      const handler = propertyOf(resource, 'Handler', resource.handler);
      if (typeof handler !== 'string' || Token.isUnresolved(handler)) return [];
      const bundle = contents();
      const text = missingExport(handler, bundle?.exports) ?? missingFile(handler, request, bundle, resource);
      if (text) Annotations.of(request.scope).addWarningV2('cdk-lambda-streaming:HandlerNotExported', text);
      return [];
    },
  });
}

function missingExport(handler: string, exported: readonly string[] | undefined): string | undefined {
  const name = IN_BUNDLE.exec(handler)?.[1];
  // The runtime looks into the default export too.
  if (name === undefined || exported === undefined || exported.includes(name) || exported.includes('default')) {
    return undefined;
  }
  const found = exported.length > 0 ? exported.join(', ') : 'nothing';
  return `the handler is '${handler}', but the entry does not export '${name}'; it exports ${found}`;
}

function missingFile(
  handler: string,
  { options }: BundleRequest,
  bundle: BundleContents | undefined,
  resource: lambda.CfnFunction,
): string | undefined {
  const [, file, name] = FILE_AND_EXPORT.exec(handler) ?? [];
  // An absolute path leads out of the bundle, into a layer or a file system.
  if (handler.startsWith('/') || (file !== undefined && path.posix.normalize(file) === 'index')) return undefined;
  // Not where anything but esbuild may have put files into the bundle, or nothing was bundled.
  const isOneFile = bundle !== undefined && !hasSteps(options) && !isAlone(bundle.settings);
  if (!isOneFile || !isPlainNode(resource)) return undefined;
  if (name === undefined) {
    const meant = /^[\w$]+$/.test(handler) ? handler : 'handler';
    return `the handler must name the file 'index' and an export of it, got '${handler}'; write 'index.${meant}'`;
  }
  return (
    `the handler is '${handler}', but the bundle has the file 'index' only, whatever the entry is called; ` +
    `write 'index.${name}'`
  );
}

/** Layers bring files and wrappers, and other runtimes take a handler for what they like. */
function isPlainNode(resource: lambda.CfnFunction): boolean {
  const layers: unknown = Stack.of(resource).resolve(propertyOf(resource, 'Layers', resource.layers));
  const runtime = propertyOf(resource, 'Runtime', resource.runtime);
  const hasLayers = layers !== undefined && !(Array.isArray(layers) && layers.length === 0);
  return !hasLayers && typeof runtime === 'string' && runtime.startsWith('nodejs');
}

function propertyOf(resource: lambda.CfnFunction, name: string, value: unknown): unknown {
  return field(field(field(resource, 'rawOverrides'), 'Properties'), name) ?? value;
}
