// The rows of a list, a page at a time: those in sight are fetched, late answers to an older question dropped.
import { Problem } from '../../api/http';
import * as api from '../../api/shigu';
import type { Feature } from '../../api/types';

export const PAGE = 200;
/** Pages that are kept: a reader who scrolls through a million rows fills no memory. */
const KEPT = 40;

export class Pages {
  total = $state<number | null>(null);
  problem = $state.raw<Problem | null>(null);
  /** Whether what is shown answers an older question. */
  stale = $state(false);
  /** Counts the pages that came. */
  version = $state(0);
  #pages = new Map<number, Feature[]>();
  #asked = new Map<number, AbortController>();
  #ask: ((page: number, signal: AbortSignal) => ReturnType<typeof api.rows>) | null = null;

  /** Turns to another question; old rows stay until the first new ones come. */
  turn(collection: string, question: api.Question, sortby: string | null): void {
    this.#asked.forEach((one) => one.abort());
    this.#asked.clear();
    this.stale = true;
    this.#ask = (page, signal) => api.rows(collection, question, { offset: page * PAGE, limit: PAGE, sortby }, signal);
  }
  row(index: number): Feature | null {
    void this.version; // whoever looks at a row looks again when pages come
    return this.#pages.get(Math.floor(index / PAGE))?.[index % PAGE] ?? null;
  }
  /** Fetches the pages of the rows in sight. */
  see(first: number, last: number): void {
    const wanted = new Set<number>();
    for (let page = Math.floor(first / PAGE); page <= Math.floor(Math.max(first, last) / PAGE); page++)
      wanted.add(page);
    for (const [page, one] of this.#asked) {
      if (wanted.has(page)) continue;
      one.abort();
      this.#asked.delete(page);
    }
    for (const page of wanted)
      if ((this.stale || !this.#pages.has(page)) && !this.#asked.has(page)) void this.#bring(page);
  }
  async #bring(page: number): Promise<void> {
    const running = new AbortController();
    this.#asked.set(page, running);
    try {
      const answer = await this.#ask!(page, running.signal);
      if (running.signal.aborted) return;
      if (this.stale) this.#pages.clear();
      this.#pages.delete(page);
      this.#pages.set(page, answer.features);
      for (const old of this.#pages.keys()) if (this.#pages.size > KEPT) this.#pages.delete(old);
      this.total = answer.numberMatched;
      [this.stale, this.problem] = [false, null];
      this.version += 1;
    } catch (cause) {
      if (running.signal.aborted) return;
      this.problem = Problem.of(cause);
    } finally {
      if (this.#asked.get(page) === running) this.#asked.delete(page);
    }
  }
}
