/**
 * The local target: one process on loopback that stands for AWS Lambda and IAM in any number of accounts.
 * Deploy a cloud assembly to it, then point any AWS SDK client at it as one of the principals the stacks define.
 * It knows the cloud assembly and the wire only, never the constructs or the invoker it is used to test.
 */

import { findBucket } from './bootstrap';
import { checkStartOptions } from './check-options';
import { systemClock } from './clock';
import { consoleOverview } from './console/console-overview';
import { LocalConsole } from './console/local-console';
import { CredentialStore } from './credentials';
import { FunctionRuns } from './custom-resources/function-runs';
import { ProviderCalls } from './custom-resources/provider-calls';
import { Waiters } from './custom-resources/waiters';
import { DeployEngine } from './engine/deploy-engine';
import type { CallRefused } from './errors';
import { createFrontEnds } from './front-ends/front-ends';
import { startDualServer } from './http/dual-server';
import { localAddress } from './http/front-end-address';
import { startHttpServer } from './http/server';
import { createAuthenticator } from './http/sigv4';
import { createAuthorize } from './iam/authorize';
import { Refusals } from './iam/refusals';
import { Journal } from './journal/journal';
import type { LocalTarget, StartLocalOptions } from './local-target';
import { AsyncQueue } from './operations/async-queue';
import { InjectedFaults } from './operations/injected-faults';
import { createLambdaApi } from './operations/lambda-api';
import { countingInvocations, type FunctionManagement } from './operations/lambda-call';
import { RunningTarget } from './running-target';
import { EnvironmentPool } from './runtime/environment-pool';
import { guardedListener, type LogRecord, tee } from './runtime/log-listener';
import { environmentOf, functionCredentials, functionSession, serviceKeys } from './service-keys';
import { cloudFormation } from './services/cloudformation/cloudformation';
import { LogStore } from './services/cloudwatch-logs/log-store';
import { logsOperations } from './services/cloudwatch-logs/logs-operations';
import { dynamoDbCaller } from './services/dynamodb-calls';
import { BucketNotifier } from './services/s3/bucket-notifier';
import { ObjectStore } from './services/s3/object-store';
import { createS3Route } from './services/s3/s3-route';
import { createWebsiteRoute } from './services/s3/website-route';
import { sendDelivery } from './services/send-delivery';
import { createServiceRoute, serviceEndpoints } from './services/service-route';
import { emptyState, hasFrontEnd } from './state';
import { tellEnd } from './tell-end';
import { createJwksRoute } from './tokens/jwks-route';
import { TokenIssuer } from './tokens/token-issuer';

/** Set by jest, vitest and node:test: a forgotten stop() must not keep them from ending, whatever the port. */
const TEST_RUNNERS = ['JEST_WORKER_ID', 'VITEST', 'NODE_TEST_CONTEXT'];

/**
 * Starts a local target on 127.0.0.1. Stop it when done; its child processes end with the process in any case.
 * @throws a LocalConfigError for an option that is unknown or has a wrong value
 */
export async function startLocal(options: StartLocalOptions = {}): Promise<LocalTarget> {
  checkStartOptions(options);
  const { port, account = '111111111111', region = 'us-east-1', organization } = options;
  const state = emptyState();
  const credentials = new CredentialStore(systemClock);
  const refusals = new Refusals();
  const services = ownMembers(options.services);
  const ssmParameters = ownMembers(options.ssmParameters);
  const journal = options.console === true ? new Journal() : undefined;
  const stopped = new AbortController();
  const roleKeys = (functionArn: string, roleArn: string) =>
    functionCredentials(state, credentials, functionArn, roleArn);
  const sessionFor = (...of: [functionArn: string, roleArn: string]) => functionSession(state, ...of);
  const variables = (functionArn: string, roleArn: string) => ({
    ...serviceEndpoints(services, serviceServer.url),
    ...environmentOf(roleKeys(functionArn, roleArn)),
  });
  const logs = new LogStore();
  const pool = new EnvironmentPool(
    {
      ...options,
      onLog: tee([logs, ...(journal ? [{ add: (line: LogRecord) => journal.log(line) }] : [])], options.onLog),
    },
    variables,
    journal,
  );
  const lookup = (accessKeyId: string) => credentials.lookupLiving(accessKeyId, state);
  const authenticate = createAuthenticator(lookup, systemClock, (...refused) => refusals.addSignature(...refused));
  const policies = createAuthorize(state, systemClock, organization);
  const decide = refusals.watch(policies);
  const authorize = journal === undefined ? decide : journal.watch(decide);
  const faults = new InjectedFaults(
    () => webConsole?.changed(),
    (name) => target.functionArn(name, 'injectFault()').split(':')[6] ?? name,
  );
  const invocations = { ...options, fault: faults.before(options.fault) };
  const tokens = new TokenIssuer(ownMembers(options.issuers));
  const queue = new AsyncQueue({
    state,
    pool,
    options,
    deliver: (delivery) =>
      sendDelivery(
        { endpoint: () => server.url, services, keysFor: roleKeys, sessionFor, authorize: policies },
        delivery,
      ),
  });
  const here = (text: string) => localAddress(text, server.url, (frontEnd, id) => hasFrontEnd(state, frontEnd, id));
  const locateCode: FunctionManagement['locateCode'] = (code) => engine.locateCode(code);
  const onChange = options.onChange && guardedListener('onChange', 'changes', options.onChange);
  const changed: FunctionManagement['changed'] = (kind, functionArn) => {
    tidy();
    onChange?.({ kind, functionArn });
  };
  const management = { locateCode, localAddress: here, changed };
  const onRefusal: CallRefused = (accessKeyId, call, message) => {
    providers.refused(call, message);
    pool.callRefused(accessKeyId, call, message);
  };
  const lambda = countingInvocations({
    state,
    authenticate,
    authorize,
    pool,
    options: invocations,
    journal,
    queue,
    tokens,
    management,
    onRefusal,
  });
  const api = createLambdaApi(lambda);
  const objects = new ObjectStore((folder) => pool.removeAtEnd(folder));
  const findObject = (bucketName: string, key: string) => {
    const bucket = findBucket(state, bucketName);
    return bucket && objects.find(bucket.bucketId, key)?.file;
  };
  const runs = new FunctionRuns(state, pool, journal);
  const waiters = new Waiters(runs, options);
  const providers = new ProviderCalls({ state, runs, port: () => server.port, isBusy: () => waiters.busy });
  const engine = new DeployEngine({
    state,
    defaultAccount: account,
    defaultRegion: region,
    ssmParameters,
    images: options.images,
    organization,
    endpoint: () => server.url,
    onDeploy: options.onDeploy && guardedListener('onDeploy', 'deployments', options.onDeploy),
    onChange,
    providers,
    objects: {
      fileOf: findObject,
      hasObjects: (bucketId) => objects.hasObjects(bucketId),
      empty: (bucketId) => objects.empty(bucketId),
      change: (...change) => objects.change(...change),
    },
    dynamoDb: dynamoDbCaller(services, stopped.signal),
    onCodeFolder: (folder) => pool.removeAtEnd(folder),
  });
  const tidy = () => {
    pool.endOutdated(new Set([...state.functions.values()].flatMap(({ versions }) => [...versions.values()])));
    engine.removeUnusedCode(pool.codeInUse());
  };
  const serviceRoute = createServiceRoute({
    services,
    operations: {
      ...cloudFormation({
        engine,
        changeSets: new Map(),
        state,
        authorize,
        fileOf: findObject,
        onDeployed: tidy,
      }),
      ...logsOperations({ store: logs, state, authorize }),
    },
    state,
    ssmParameters,
    localAddress: here,
    authenticate,
    authorize,
    lookup,
    organization,
    tokens,
    region,
    issue: (...session) => credentials.issue(...session),
    startWaiter: (...waiter) => waiters.start(...waiter),
    onRefusal,
    onFailure: (accessKeyId, message) => pool.callFailed(accessKeyId, message),
  });
  const notifier = new BucketNotifier({ state, authorize, queue, pool, journal });
  const s3Route = createS3Route({
    state,
    store: objects,
    authenticate,
    authorize,
    onRefusal,
    onChange: (change) => notifier.tell(change),
  });
  const routes = [
    createFrontEnds(lambda, {
      endpoint: () => server.url,
      keysFor: serviceKeys(credentials),
      runAtEdge: (...asked) => runs.run(...asked, { by: 'CloudFront', what: 'Lambda@Edge' }),
    }),
    api,
    providers.route,
    createJwksRoute(tokens),
    // Whoever gives an S3 of his own means that one.
    ...(services['s3'] === undefined ? [createWebsiteRoute({ state, store: objects, authorize }), s3Route] : []),
    serviceRoute,
  ];
  const webConsole: LocalConsole | undefined =
    journal &&
    new LocalConsole({
      journal,
      faults,
      endpoint: () => server.url,
      clientConfig: (asked) => target.clientConfig(asked),
      overview: () => ({
        ...consoleOverview(engine.stacks(), target.functions(), state, server.url),
        faults: faults.list(),
      }),
    });
  const server = await startHttpServer([...(webConsole ? [webConsole] : []), ...routes], port);
  const serviceServer = await startDualServer(routes);
  const isTest = TEST_RUNNERS.some((name) => process.env[name] !== undefined);
  // Whoever chooses a port serves others; without one a target alone is a forgotten stop().
  const endsAlone = port === undefined || isTest;
  if (endsAlone) {
    server.unref();
    serviceServer.unref();
  }
  const forgetEnd = endsAlone && !isTest ? tellEnd(server.url) : () => undefined;
  const close = () => {
    engine.close();
    objects.close();
  };
  const parts = {
    close,
    tidy,
    endpoint: server.url,
    region,
    state,
    engine,
    credentials,
    refusals,
    authorize: policies,
    tokens,
    organization,
    webConsole,
    faults,
    logs,
  };
  const target: RunningTarget = new RunningTarget(parts, async () => {
    forgetEnd();
    stopped.abort();
    queue.stop();
    waiters.stop();
    await Promise.all([pool.stop(), server.stop(), serviceServer.stop()]);
  });
  return target;
}

/** Names come from requests: `constructor` is no member that anybody gave. */
function ownMembers<T>(record: Readonly<Record<string, T>> = {}): Readonly<Record<string, T>> {
  return Object.assign(Object.create(null) as Record<string, T>, record);
}
