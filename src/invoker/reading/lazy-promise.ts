/** A promise whose work begins when somebody asks for its value. */
export class LazyPromise<T> implements Promise<T> {
  public readonly [Symbol.toStringTag] = 'LazyPromise';
  private promise: Promise<T> | undefined;

  public constructor(private readonly start: () => Promise<T>) {}

  // biome-ignore lint/suspicious/noThenProperty: being awaited is what it is for
  public then<Ok = T, Failed = never>(
    onValue?: ((value: T) => Ok | PromiseLike<Ok>) | null,
    onError?: ((error: unknown) => Failed | PromiseLike<Failed>) | null,
  ): Promise<Ok | Failed> {
    this.promise ??= this.start();
    return this.promise.then(onValue, onError);
  }

  public catch<Failed = never>(
    onError?: ((error: unknown) => Failed | PromiseLike<Failed>) | null,
  ): Promise<T | Failed> {
    return this.then(undefined, onError);
  }

  public finally(onSettled?: (() => void) | null): Promise<T> {
    return this.then().finally(onSettled);
  }
}
