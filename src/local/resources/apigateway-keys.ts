/**
 * Keys of REST APIs and the usage plans that make them good. Quotas and rates are not counted here.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-usage-plans.html
 */

import { createHash } from 'node:crypto';
import { apiGatewayId } from './apigateway-rest-api';
import type { Properties } from './properties';
import type { ResourceContext, ResourceProvider, ResourceValues } from './provider';

export const apiKey: ResourceProvider = {
  type: 'AWS::ApiGateway::ApiKey',
  properties: ['Enabled', 'Name', 'Value'],
  withoutEffect: ['CustomerId', 'Description', 'GenerateDistinctId', 'StageKeys', 'Tags'],
  replacedBy: ['Name', 'Value'],

  create: (context, properties) => putKey(context, properties, apiGatewayId(context, 10)),
  update: (context, properties, { physicalId }) => putKey(context, properties, physicalId),

  delete({ state }, { physicalId }) {
    state.apiKeys.delete(physicalId);
  },
};

/** A generated key is the same in every process: nothing here is worth guessing. */
function putKey({ state }: ResourceContext, properties: Properties, keyId: string): ResourceValues {
  const generated = createHash('sha256').update(keyId).digest('hex').slice(0, 40);
  const value = properties.optionalText('Value', { min: 20, max: 128 }) ?? generated;
  state.apiKeys.set(keyId, { keyId, value, enabled: properties.optionalText('Enabled') === 'true' });
  return { physicalId: keyId, attributes: { APIKeyId: keyId } };
}

export const usagePlan: ResourceProvider = {
  type: 'AWS::ApiGateway::UsagePlan',
  properties: ['ApiStages'],
  withoutEffect: ['Description', 'Quota', 'Tags', 'Throttle', 'UsagePlanName'],

  create: (context, properties) => putPlan(context, properties, apiGatewayId(context, 6)),
  update: (context, properties, { physicalId }) => putPlan(context, properties, physicalId),

  delete({ state }, { physicalId }) {
    state.usagePlans.delete(physicalId);
  },
};

function putPlan({ state }: ResourceContext, properties: Properties, planId: string): ResourceValues {
  const stages = properties
    .items('ApiStages')
    .map((stage) => ({ apiId: stage.text('ApiId'), stageName: stage.text('Stage') }));
  state.usagePlans.set(planId, { stages, keyIds: state.usagePlans.get(planId)?.keyIds ?? [] });
  return { physicalId: planId, attributes: { Id: planId } };
}

export const usagePlanKey: ResourceProvider = {
  type: 'AWS::ApiGateway::UsagePlanKey',
  properties: ['KeyId', 'UsagePlanId'],
  withoutEffect: ['KeyType'],

  create({ state }, properties) {
    const keyId = properties.text('KeyId');
    const planId = properties.text('UsagePlanId');
    const plan = state.usagePlans.get(planId);
    if (plan === undefined) throw new Error(`Invalid Usage Plan ID specified: ${planId}`);
    if (!state.apiKeys.has(keyId)) throw new Error(`Invalid API Key identifier specified: ${keyId}`);
    state.usagePlans.set(planId, { ...plan, keyIds: [...plan.keyIds, keyId] });
    return { physicalId: `${keyId}:${planId}`, attributes: { Id: `${keyId}:${planId}` } };
  },

  delete({ state }, { properties }) {
    const planId = properties.text('UsagePlanId');
    const plan = state.usagePlans.get(planId);
    const keyIds = plan?.keyIds.filter((keyId) => keyId !== properties.text('KeyId')) ?? [];
    if (plan) state.usagePlans.set(planId, { ...plan, keyIds });
  },
};
