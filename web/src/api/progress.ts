// How far the items of the plan are: read, stated, and as a paper.
import { address, changeSeen, file, getJson } from './http';
import type { PlanItemHistory, PlanItems, ProgressBody } from './types';

const at = (id: string): string => `plan/items/${encodeURIComponent(id)}`;

export const planItems = (signal?: AbortSignal) => getJson<PlanItems>('plan/items', {}, signal);
export const planItem = (id: string, signal?: AbortSignal) => getJson<PlanItemHistory>(at(id), {}, signal);
export const statePlanItem = (id: string, body: ProgressBody, tag: string) =>
  changeSeen<PlanItemHistory>('POST', at(id), tag, body);
export const progressPaper = (f: string, half: string, lang: string) => file('plan/progress', { f, half, lang });
/** The paper as a page. */
export const progressPage = (half: string, lang: string): string => address('plan/progress', { f: 'html', half, lang });
