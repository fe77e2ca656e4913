/** Looks over a whole app, plain CDK constructs included, and warns about what would break, buffer or expose its streams. */
import { type IAspect, Stage } from 'aws-cdk-lib/core';
import type { IConstruct } from 'constructs';
import { CheckedApp } from './checks/checked-app';
import type { Finding, Rule } from './checks/rule';
import { RULES } from './checks/rules';
import { hasSaid, warn } from './problems/warnings';

/**
 * Checks for everything that streams in an app, whether it is defined with this library or not.
 *
 * Each finding is a warning `cdk-lambda-streaming:<Rule>` on the construct that causes it, with the cause and the fix.
 * `cdk synth --strict` turns warnings into errors; `Annotations.of(construct).acknowledgeWarning(id, reason)` accepts one.
 * The rules are listed in docs/checks.md.
 *
 * Aspects do not reach into stages: add the checks to each stage of a pipeline.
 *
 * @example
 *
 * declare const app: App;
 * Aspects.of(app).add(new StreamingChecks());
 */
export class StreamingChecks implements IAspect {
  private readonly roots = new WeakSet<IConstruct>();

  /** Called by the CDK for each construct of the tree; the checks themselves run when the tree is complete. */
  public visit(node: IConstruct): void {
    if (node.node.scopes.some((scope) => this.roots.has(scope))) return;
    this.roots.add(node);
    node.node.addValidation({ validate: () => report(node) });
  }
}

/** Gives the warnings of all rules; only a stage that the aspect could not reach is an error. */
function report(root: IConstruct): string[] {
  const app = CheckedApp.read(root);
  for (const rule of RULES) {
    for (const finding of rule.find(app)) warnOnce(rule, finding);
  }
  return root.node
    .findAll()
    .filter((node) => node !== root && Stage.isStage(node))
    .map(
      (stage) =>
        `StreamingChecks do not reach the stage ${stage.node.path}; add them: Aspects.of(stage).add(new StreamingChecks())`,
    );
}

/** A front end of ours may have said it already, of itself, above the resource. */
function warnOnce(rule: Rule, { at, message }: Finding): void {
  if (!at.node.scopes.some((scope) => hasSaid(scope, rule.id))) warn(at, rule.id, message);
}
