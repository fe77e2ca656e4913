/** All checks, in the order in which docs/checks.md explains them. */
import { adapterMode } from './adapter-mode';
import { bareService } from './bare-service';
import { bogusAction } from './bogus-action';
import { bufferingFrontEnd } from './buffering-front-end';
import { defaultTimeout } from './default-timeout';
import { edgeRestApi } from './edge-rest-api';
import { execWrapper } from './exec-wrapper';
import { foreignRolePolicy } from './foreign-role-policy';
import { bufferingRuntime, durableStream, vpcUrl } from './function-facts';
import { halfGrant } from './half-grant';
import { halfUrlPermission } from './half-url-permission';
import { latestAlias } from './latest-alias';
import { mixedPolicies } from './mixed-policies';
import { policyTooLarge } from './policy-size';
import { publicGrant } from './public-grant';
import { publicUrl } from './public-url';
import { restBuffering } from './rest-buffering';
import { restTimeout } from './rest-timeout';
import type { Rule } from './rule';
import { stageNotAllowed } from './stage-not-allowed';
import { tenantFrontEnd } from './tenant-front-end';
import { unqualifiedFrontEnd } from './unqualified-front-end';
import { unqualifiedGrant } from './unqualified-grant';
import { unsignedOrigin } from './unsigned-origin';
import { urlAuthMismatch } from './url-auth-mismatch';

export const RULES: readonly Rule[] = [
  // what does not stream
  bufferingRuntime,
  bufferingFrontEnd,
  adapterMode,
  execWrapper,
  durableStream,
  vpcUrl,
  tenantFrontEnd,
  // what ends early
  defaultTimeout,
  edgeRestApi,
  restTimeout,
  restBuffering,
  // what changes under open streams
  unqualifiedFrontEnd,
  latestAlias,
  // who may call: too few
  halfUrlPermission,
  unsignedOrigin,
  stageNotAllowed,
  halfGrant,
  unqualifiedGrant,
  urlAuthMismatch,
  bogusAction,
  mixedPolicies,
  policyTooLarge,
  // who may call: too many
  bareService,
  foreignRolePolicy,
  publicGrant,
  publicUrl,
];
