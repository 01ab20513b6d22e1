// One thing fetched from the server: old value kept while a new one loads, late answers dropped, errors kept beside.
import { Problem } from '../api/http';

/** What has got no answer, wherever on the page it stands; how many there are is followed. */
const unanswered = new Set<{ retry: () => void }>();
const number = $state({ unanswered: 0 });
export const isUnanswered = (): boolean => number.unanswered > 0;
/** The server is back. */
export const askAgain = (): void => [...unanswered].forEach((one) => one.retry());

export class Resource<T> {
  value = $state.raw<T | null>(null);
  problem = $state.raw<Problem | null>(null);
  loading = $state(false);
  /** When the value on screen arrived. */
  at = $state.raw<Date | null>(null);
  #key: string | null = null;
  /** The question that the value answers. */
  #held: string | null = null;
  #running: AbortController | null = null;
  #again: (() => void) | null = null;

  /** Loads unless the same question is already answered or on its way. */
  load(key: string, ask: (signal: AbortSignal) => Promise<T>): void {
    if (key === this.#key && !this.problem) return;
    this.#key = key;
    this.#waits(false);
    this.#running?.abort();
    if (key === this.#held && this.value !== null) {
      // the reader came back before another answer arrived
      this.#running = null;
      this.problem = null;
      this.loading = false;
      return;
    }
    const running = (this.#running = new AbortController());
    this.#again = () => {
      this.#key = null;
      this.load(key, ask);
    };
    this.loading = true;
    ask(running.signal).then(
      (value) => {
        if (running !== this.#running) return;
        this.value = value;
        this.#held = key;
        this.problem = null;
        this.at = new Date();
        this.loading = false;
      },
      (cause: unknown) => {
        if (running !== this.#running) return;
        this.problem = Problem.of(cause);
        this.loading = false;
        this.#waits(this.problem.offline);
      },
    );
  }

  retry(): void {
    this.#again?.();
  }

  #waits(waits: boolean): void {
    if (waits) unanswered.add(this);
    else unanswered.delete(this);
    number.unanswered = unanswered.size;
  }

  /** Forgets value and question, as when nothing is asked any more. */
  empty(): void {
    this.#waits(false);
    this.#running?.abort();
    this.#running = null;
    this.#key = null;
    this.#held = null;
    this.value = null;
    this.problem = null;
    this.loading = false;
  }
}
