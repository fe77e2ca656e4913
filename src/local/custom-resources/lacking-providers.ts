/**
 * Providers of custom resources that could not do their work here. What they lack, such as a service that nobody answers,
 * no later deployment brings: each would ask them again, for seconds, unless they or the request are new.
 */
import type { ProviderAnswer, ProviderRequest } from '../resources/provider-request';
import type { FunctionConfiguration, LocalState } from '../state';

interface Lacking {
  /** What was asked, and the code that was asked. */
  readonly asked: string;
  readonly code: readonly FunctionConfiguration[];
  readonly answer: ProviderAnswer;
}

export class LackingProviders {
  private readonly known = new Map<string, Lacking>();

  /** Packages were installed: what lacked one may do its work. */
  public clear(): void {
    this.known.clear();
  }

  /** The answer to the same request of before, where asking again would say nothing else. */
  public answerTo(
    request: ProviderRequest,
    provider: FunctionConfiguration,
    state: LocalState,
  ): ProviderAnswer | undefined {
    const lacking = this.known.get(keyOf(request));
    if (lacking?.asked !== askedIn(request)) return undefined;
    const code = codeBehind(provider, state);
    const isSame = code.length === lacking.code.length && code.every((each, at) => each === lacking.code[at]);
    return isSame ? lacking.answer : undefined;
  }

  /** Keeps an answer that tells what is missing, and forgets the one before. */
  public note(
    request: ProviderRequest,
    provider: FunctionConfiguration,
    state: LocalState,
    answer: ProviderAnswer,
  ): void {
    // Nothing tells when a package of Python was installed.
    const isFixed = answer.missing !== undefined && !answer.missing.includes('pip install');
    if (!isFixed) this.known.delete(keyOf(request));
    else this.known.set(keyOf(request), { asked: askedIn(request), code: codeBehind(provider, state), answer });
  }
}

const keyOf = ({ StackId, LogicalResourceId }: ProviderRequest): string => `${StackId} ${LogicalResourceId}`;

const askedIn = ({ RequestType, ServiceToken, ResourceType, ResourceProperties }: ProviderRequest): string =>
  JSON.stringify([RequestType, ServiceToken, ResourceType, ResourceProperties]);

/** The provider, and the functions that its environment names: the provider framework of aws-cdk-lib calls those. */
function codeBehind(provider: FunctionConfiguration, { functions }: LocalState): readonly FunctionConfiguration[] {
  const named = Object.values(provider.environment).flatMap((value) => {
    const unqualified = value.split(':').slice(0, 7).join(':');
    return functions.get(unqualified)?.versions.get('$LATEST') ?? [];
  });
  return [provider, ...named];
}
