// Exports that the server makes in the background: begun, followed, stopped, dropped. The server keeps them, not the page.
import { Problem } from '../../api/http';
import * as api from '../../api/shigu';
import type { ReportAsked, ReportJob } from '../../api/types';
import { keep, kept } from '../../state/storage';

/** How many of them the page shows. */
const SHOWN = 5;
/** How long to wait before asking again where the events broke off for good. */
const AGAIN = 2000;

export const under = (job: ReportJob): boolean => job.state === 'queued' || job.state === 'running';

const remembered = (): string[] => (kept('exports') ?? '').split(' ').filter(Boolean);
const remember = (ids: readonly string[]): void => keep('exports', ids.slice(0, SHOWN).join(' '));

class Batches {
  /** The latest first. */
  jobs = $state.raw<ReportJob[]>([]);
  problem = $state.raw<Problem | null>(null);
  /** One was finished while nobody looked. */
  ready = $state(false);
  /** Called for each that comes to its end here. */
  ended: ((job: ReportJob) => void) | null = null;
  #followed = new Map<string, () => void>();

  /** Asks for what there is, and follows what is under way. */
  async load(): Promise<void> {
    try {
      const { jobs } = await api.reportJobs();
      this.jobs = [...jobs, ...(await this.#unlisted(jobs))].slice(0, SHOWN);
      this.problem = null;
      this.jobs.filter(under).forEach((job) => this.#follow(job.id));
    } catch (cause) {
      this.problem = Problem.of(cause);
    }
  }

  /** Begins one; a Problem where the server does not take it. */
  async begin(body: ReportAsked): Promise<ReportJob> {
    const job = await api.beginReports(body);
    remember([job.id, ...remembered()]);
    this.jobs = [job, ...this.jobs].slice(0, SHOWN);
    this.#follow(job.id);
    return job;
  }

  /** Stops one under way; drops one at its end. */
  async drop(job: ReportJob): Promise<void> {
    try {
      await api.dropReports(job.id);
      this.problem = null;
    } catch (cause) {
      this.problem = Problem.of(cause);
    }
    // the events tell of what was stopped; what is dropped is only missing
    if (!under(job)) await this.load();
  }

  /** Those begun here which the server does not list: who has no account is known by the ids of their jobs alone. */
  async #unlisted(listed: readonly ReportJob[]): Promise<ReportJob[]> {
    const ids = remembered().filter((id) => listed.every((job) => job.id !== id));
    const jobs = (await Promise.all(ids.map((id) => api.knownReportJob(id)))).filter((job) => job !== null);
    remember(jobs.map((job) => job.id));
    return jobs;
  }

  #set(job: ReportJob): void {
    this.jobs = this.jobs.map((one) => (one.id === job.id ? job : one));
  }

  #follow(id: string): void {
    if (this.#followed.has(id)) return;
    const stop = api.followReports(
      id,
      (job, last) => {
        this.#set(job);
        if (!last) return;
        this.#followed.delete(id);
        this.ready ||= job.state === 'finished';
        this.ended?.(job);
      },
      () => {
        this.#followed.delete(id);
        setTimeout(() => void this.load(), AGAIN);
      },
    );
    this.#followed.set(id, stop);
  }
}

export const batches = new Batches();
