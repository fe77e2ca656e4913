/** Where a warning is found again: at its construct, once, and at the line of the source that defined the construct. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Annotations, App, Aspects, type CfnResource, Stack } from 'aws-cdk-lib/core';
import { StreamingChecks, StreamingFunctionUrl } from 'cdk-lambda-streaming';
import { findingsIn, fnIn, PYTHON_3_13, RESPONSE_STREAM, urlIn } from '../checks/findings';

const PLAIN = {
  runtime: lambda.Runtime.NODEJS_24_X,
  handler: 'index.handler',
  code: lambda.Code.fromInline('exports.handler = () => {};'),
};
const CONTEXT = { '@aws-cdk/core:annotationsInValidationReport': true };

let printed: jest.SpyInstance;
beforeEach(() => {
  printed = jest.spyOn(console, 'error').mockImplementation(); // the CDK prints the report, too
});
afterEach(() => printed.mockRestore());

test('the validation report of the CDK leads to the line of this file for each finding', () => {
  const app = new App({ context: CONTEXT });
  const stack = new Stack(app, 'S', { env: { account: '111111111111', region: 'eu-west-1' } });
  const fn = new lambda.Function(stack, 'Fn', PLAIN); // line of DefaultTimeout
  new StreamingFunctionUrl(stack, 'Url', { function: fn }); // line of UnqualifiedFrontEnd
  Aspects.of(app).add(new StreamingChecks());
  const { directory } = app.synth();

  const [report] = readdirSync(directory).filter((file) => /validation-report.*\.json$/.test(file));
  const text = readFileSync(join(directory, report ?? ''), 'utf8');
  const { pluginReports } = JSON.parse(text) as { pluginReports: { violations: Violation[] }[] };
  const violations = pluginReports.flatMap((plugin) => plugin.violations);
  for (const id of ['UnqualifiedFrontEnd', 'DefaultTimeout']) {
    const found = violations.find(({ ruleName }) => ruleName.endsWith(`cdk-lambda-streaming:${id}`));
    // Newer versions of the CDK give them another name.
    const path = (found?.violatingConstructs ?? found?.violatingResources)?.[0]?.constructPath ?? '';
    // The report is made from this; frames of packages below node_modules are one line in it.
    const resource = app.node.findAll().find(({ node }) => node.path === path);
    const { creationStack } = resource as CfnResource;
    expect(creationStack.join('\n')).toContain(`warnings.test.ts:${lineOf(id)}:`);
  }
});

/** The line of this file that ends with a comment on the warning. */
function lineOf(id: string): number {
  return (
    readFileSync(__filename, 'utf8')
      .split('\n')
      .findIndex((line) => line.endsWith(`// line of ${id}`)) + 1
  );
}

interface Violation {
  readonly ruleName: string;
  readonly violatingResources?: readonly { readonly constructPath: string }[];
  readonly violatingConstructs?: readonly { readonly constructPath: string }[];
}

test.each([true, false])('UnqualifiedFrontEnd is accepted for a whole app in one line: %s', (accepted) => {
  const app = new App();
  for (const id of ['One', 'Two']) {
    fnIn(new Stack(app, id)).addFunctionUrl({ invokeMode: RESPONSE_STREAM });
    new StreamingFunctionUrl(new Stack(app, `Ours${id}`), 'Url', { function: fnIn(new Stack(app, `Fn${id}`)) });
  }
  Aspects.of(app).add(new StreamingChecks(accepted ? { accept: ['UnqualifiedFrontEnd'] } : {}));
  const texts = app.synth().stacks.flatMap(({ messages }) => messages.map(({ entry }) => String(entry.data)));
  expect(texts.filter((text) => text.includes('UnqualifiedFrontEnd'))).toHaveLength(accepted ? 0 : 4);
  expect(texts.some((text) => text.includes('DefaultTimeout'))).toBe(true);
});

test('what is only known when the tree is complete is accepted at the app, too', () => {
  const app = new App();
  const python = fnIn(new Stack(app, 'S'), { runtime: PYTHON_3_13 });
  new StreamingFunctionUrl(python.stack, 'Url', { function: python });
  Aspects.of(app).add(new StreamingChecks({ accept: ['BufferingRuntime'] }));
  const texts = app.synth().stacks.flatMap(({ messages }) => messages.map(({ entry }) => String(entry.data)));
  expect(texts.filter((text) => text.includes('BufferingRuntime'))).toEqual([]);
  expect(texts.length).toBeGreaterThan(1);
});

test('accepting a rule that does not exist is an error', () => {
  expect(() => new StreamingChecks({ accept: ['UnqualifiedDoor'] })).toThrow(
    /no rule 'UnqualifiedDoor' to accept; the rules are BufferingRuntime, /,
  );
  expect(() => new StreamingChecks({ accept: ['PublicUrls'] })).toThrow(/did you mean 'PublicUrl'\?/);
});

test('a warning that was accepted at the construct its author knows is not given on its resource', () => {
  const app = new App();
  const stack = new Stack(app, 'S');
  const url = new StreamingFunctionUrl(stack, 'Url', {
    function: urlIn(stack).fn,
    authType: lambda.FunctionUrlAuthType.NONE,
    allowPublic: true,
  });
  Annotations.of(url).acknowledgeWarning('cdk-lambda-streaming:PublicUrl', 'a public page');
  expect(findingsIn(app, 'PublicUrl')).toEqual([]);
});
