// A file on its way in: sent, checked, published. One at a time; its id is in the address, so that it survives a reload.
import { Problem } from '../../api/http';
import * as api from '../../api/shigu';
import type { ImportInfo, ImportOptions, Version } from '../../api/types';
import { renew } from '../../state/data.svelte';
import { go, view } from '../../state/view.svelte';

/** How long to wait between two looks at a check. */
const LOOK = 300;

class Importing {
  /** While a file is being sent: its name and how far that is. */
  sending = $state.raw<{ file: string; sent: number; bytes: number; stop: AbortController } | null>(null);
  /** What the server knows of the file. */
  now = $state.raw<ImportInfo | null>(null);
  problem = $state.raw<Problem | null>(null);
  /** Something was asked for that is not answered yet. */
  busy = $state(false);
  /** The version that the file became. */
  made = $state.raw<Version | null>(null);
  #turn = 0;

  /** Sends a file, and has it checked. */
  async send(file: File): Promise<void> {
    const stop = new AbortController();
    const turn = ++this.#turn;
    this.now = this.made = this.problem = null;
    this.sending = { file: file.name, sent: 0, bytes: file.size, stop };
    go({ mode: 'data', import: null });
    try {
      const info = await api.sendFile(
        file,
        (sent) => (this.sending = { file: file.name, sent, bytes: file.size, stop }),
        stop.signal,
      );
      if (turn !== this.#turn) return;
      this.now = info;
      this.sending = null;
      go({ import: info.id }, false);
      await this.check(view.table ? { as_before: true } : null);
    } catch (cause) {
      if (turn === this.#turn && !stop.signal.aborted) this.#failed(cause);
    } finally {
      if (turn === this.#turn) this.sending = null;
    }
  }

  /** Looks at a file that was sent before; has it checked where nothing is known of it. */
  async open(id: string): Promise<void> {
    if (this.now?.id === id || this.sending) return;
    const turn = ++this.#turn;
    this.problem = this.made = null;
    try {
      this.now = await api.imported(id);
      if (turn !== this.#turn) return;
      if (this.now.state === 'received' || (this.now.state === 'submitted' && !this.now.outcome))
        await this.check(null);
      else await this.#follow(turn);
    } catch (cause) {
      if (turn === this.#turn) this.#failed(cause);
    }
  }

  /** Has the file checked; `null` means: as was said before. */
  async check(options: Partial<ImportOptions> | null): Promise<void> {
    const id = this.now?.id;
    if (!id) return;
    const turn = ++this.#turn;
    // what is said of a file says for which table it is
    const said = options && { ...options, ...(view.table ? { table: view.table } : {}) };
    await this.#asking(async () => {
      const info = await api.checkImport(id, said);
      if (turn === this.#turn) this.now = info;
      await this.#follow(turn);
    });
  }

  /** Reads another worksheet or layer of the file. Columns are taken to mean what they did in the last file that had them. */
  async pick(worksheet: string): Promise<void> {
    await this.check({ worksheet, as_before: true });
  }

  /** Looks again until the check is over. The report of before stays in sight meanwhile. */
  async #follow(turn: number): Promise<void> {
    while (turn === this.#turn && this.now?.state === 'checking') {
      await new Promise((go) => setTimeout(go, LOOK));
      const info = await api.imported(this.now.id);
      if (turn === this.#turn) this.now = info;
    }
  }

  async submit(note: string): Promise<void> {
    const id = this.now?.id;
    if (id) await this.#asking(async () => void (this.now = await api.submitImport(id, note)));
  }

  async publish(note: string): Promise<void> {
    const id = this.now?.id;
    if (!id) return;
    await this.#asking(async () => {
      this.made = await api.publishImport(id, note);
      this.now = null;
      go({ import: null }, false);
      renew();
    });
  }

  /** Lets the file go, wherever it is. Nothing has changed by it. */
  async drop(): Promise<void> {
    const id = this.now?.id;
    this.sending?.stop.abort();
    this.#turn++;
    this.sending = this.now = this.problem = this.made = null;
    this.busy = false;
    go({ import: null });
    try {
      if (id) await api.deleteImport(id);
    } catch (cause) {
      // gone already is as good
      if (!(cause instanceof Problem && cause.status === 404)) this.#failed(cause);
    }
  }

  /** The start again, with what has become of the last file forgotten. */
  start(): void {
    this.made = this.problem = null;
  }

  async #asking(work: () => Promise<void>): Promise<void> {
    this.busy = true;
    this.problem = null;
    try {
      await work();
    } catch (cause) {
      this.#failed(cause);
    } finally {
      this.busy = false;
    }
  }

  #failed(cause: unknown): void {
    this.problem = Problem.of(cause);
    // what was deleted or forgotten can't be looked at any more
    if (this.problem.status === 404) {
      this.now = null;
      if (view.import) go({ import: null }, false);
    }
  }
}

export const importing = new Importing();

/** What rows there are, in the order of the report. */
export const CLASSES = ['new', 'changed', 'moved', 'absent', 'problem', 'unchanged'] as const;
export type Class = (typeof CLASSES)[number];
