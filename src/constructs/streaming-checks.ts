/** Looks over a whole app, plain CDK constructs included, and warns about what would break, buffer or expose its streams. */
import { Annotations, type IAspect, Stage } from 'aws-cdk-lib/core';
import type { IConstruct } from 'constructs';
import { nearestName } from '../base/nearest-name';
import { CheckedApp } from './checks/checked-app';
import type { Finding, Rule } from './checks/rule';
import { RULES } from './checks/rules';
import { hasSaid, warn, warningId } from './problems/warnings';

/** What the checks are told. */
export interface StreamingChecksProps {
  /**
   * Rules that the whole scope is accepted to break, for example `UnqualifiedFrontEnd` in an app without aliases.
   *
   * Warnings of these ids that our own constructs give are accepted, too. To accept one in one place, use
   * `Annotations.of(construct).acknowledgeWarning()`.
   *
   * @default - no rule
   */
  readonly accept?: string[] | undefined;
}

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
  private readonly accepted: readonly string[];

  /**
   * Makes the aspect.
   *
   * @throws an error for a rule that does not exist
   */
  public constructor(props: StreamingChecksProps = {}) {
    this.accepted = props.accept ?? [];
    for (const id of this.accepted) checkId(id);
  }

  /** Called by the CDK for each construct of the tree; the checks themselves run when the tree is complete. */
  public visit(node: IConstruct): void {
    if (node.node.scopes.some((scope) => this.roots.has(scope))) return;
    this.roots.add(node);
    // The CDK does not look at what is acknowledged at the app itself.
    const scopes = node.node.scope ? [node] : node.node.children;
    for (const id of this.accepted) accept(scopes, id);
    const rules = RULES.filter(({ id }) => !this.accepted.includes(id));
    node.node.addValidation({ validate: () => report(node, rules) });
  }
}

/** Gives the warnings of all rules; only a stage that the aspect could not reach is an error. */
function report(root: IConstruct, rules: readonly Rule[]): string[] {
  const app = CheckedApp.read(root);
  for (const rule of rules) {
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

/** A front end of ours may have warned already, at a construct above the resource. */
function warnOnce(rule: Rule, { at, message }: Finding): void {
  if (!at.node.scopes.some((scope) => hasSaid(scope, rule.id))) warn(at, rule.id, message);
}

function accept(scopes: readonly IConstruct[], id: string): void {
  for (const scope of scopes) Annotations.of(scope).acknowledgeWarning(warningId(id), 'accepted by StreamingChecks');
}

function checkId(id: string): void {
  const ids = RULES.map((rule) => rule.id);
  if (ids.includes(id)) return;
  const near = nearestName(id, ids);
  const hint = near === undefined ? `the rules are ${ids.join(', ')}` : `did you mean '${near}'?`;
  throw new TypeError(`StreamingChecks has no rule '${id}' to accept; ${hint}`);
}
