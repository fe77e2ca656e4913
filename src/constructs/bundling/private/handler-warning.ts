/** Warns about a handler that the bundle does not export: Lambda would say so at the first invoke only. */
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Annotations } from 'aws-cdk-lib/core';
import type { BundleRequest } from './bundle-request';
import { field } from './bundling-error';

/** Files other than the bundle may come from a layer. A name with dots is looked up inside of an export. */
const IN_BUNDLE = /^index\.([A-Za-z_$][\w$]*)(\.|$)/;

/**
 * Looks at the handler once the app is complete: until then, aspects and overrides may change it.
 *
 * By a warning, since wrappers may call something else.
 */
export function warnAboutHandler(request: BundleRequest, resource: lambda.CfnFunction): void {
  request.scope.node.addValidation({
    validate: () => {
      const text = missingHandler(handlerOf(resource), request.exports);
      if (text) Annotations.of(request.scope).addWarningV2('cdk-lambda-streaming:HandlerNotExported', text);
      return [];
    },
  });
}

function missingHandler(handler: unknown, exported: readonly string[] | undefined): string | undefined {
  const name = typeof handler === 'string' ? IN_BUNDLE.exec(handler)?.[1] : undefined;
  // The runtime looks into the default export too.
  if (name === undefined || exported === undefined || exported.includes(name) || exported.includes('default')) {
    return undefined;
  }
  const found = exported.length > 0 ? exported.join(', ') : 'nothing';
  return `the handler is '${String(handler)}', but the entry does not export '${name}'; it exports ${found}`;
}

function handlerOf(resource: lambda.CfnFunction): unknown {
  const override = field(field(field(resource, 'rawOverrides'), 'Properties'), 'Handler');
  return override ?? resource.handler;
}
