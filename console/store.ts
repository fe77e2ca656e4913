/** What the page knows; views are drawn once a frame, however much happens between two. */
import { useEffect, useState } from 'preact/hooks';
import type { ConsoleAnswer } from '../src/local/console/console-invoke';
import type { ConsoleOverview } from '../src/local/console/console-overview';
import { addEvent, type Call, callerOf, functionNameOf } from './calls';
import { type ConsoleEvent, listen } from './client';

interface Connection {
  readonly isOpen: boolean;
  readonly problem: string | undefined;
}

class Store {
  public readonly calls = new Map<string, Call>();
  public overview: ConsoleOverview | undefined;
  public connection: Connection = { isOpen: false, problem: undefined };
  /** Request id of the call that is shown. */
  public selected: string | undefined;
  private readonly listeners = new Set<() => void>();
  private expected: string | undefined;
  private frame: number | undefined;

  public start(): void {
    void listen({
      begin: () => this.calls.clear(),
      event: (event) => this.take(event),
      connection: (isOpen, problem) => {
        this.connection = { isOpen, problem };
        this.changed();
      },
    });
  }

  /** The call with this tag is to be shown when it arrives. */
  public expect(tag: string): void {
    this.expected = tag;
  }

  /** What the caller saw of the call with this tag. */
  public answered(tag: string, answer: ConsoleAnswer): void {
    // CloudFront may ask an origin, and then answer in its place.
    for (const call of this.calls.values()) if (call.tag === tag) call.answer = answer;
    this.changed();
  }

  public select(id: string | undefined): void {
    this.selected = id;
    this.changed();
  }

  public nameOf(call: Call): string {
    return functionNameOf(call, this.overview?.functions ?? []);
  }

  public callerOf(call: Call): string {
    return callerOf(call, this.overview?.functions ?? []);
  }

  public changed(): void {
    if (this.frame !== undefined) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = undefined;
      for (const listener of this.listeners) listener();
    });
  }

  public subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  }

  private take(event: ConsoleEvent): void {
    if (event.type === 'overview') this.overview = event;
    else addEvent(this.calls, event);
    if (event.type === 'accepted' && (event.tag === this.expected || this.calls.size === 1)) this.selected = event.call;
    this.changed();
  }
}

export const store = new Store();

/** Draws the component anew when something changed. */
export function useStore(): Store {
  const [, draw] = useState(0);
  useEffect(() => store.subscribe(() => draw((count) => count + 1)), []);
  return store;
}

/** The time; moves on once a frame while something runs. */
export function useNow(isRunning: boolean): number {
  const [now, setNow] = useState(currentTime);
  useEffect(() => {
    if (!isRunning) return;
    let frame = requestAnimationFrame(function tick() {
      setNow(currentTime());
      frame = requestAnimationFrame(tick);
    });
    return () => cancelAnimationFrame(frame);
  }, [isRunning]);
  return now;
}

function currentTime(): number {
  return performance.timeOrigin + performance.now();
}
