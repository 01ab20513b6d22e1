// The server's resources by name: one line each, nothing but addresses and types.
import type { StyleSpecification } from './style';
import { file, getJson, knock, type NamedFile, postJson } from './http';
import type { Dataset, Feature, Hits, Indicators, Items, Plan, Summary, SummaryBody, Zones } from './types';

export const dataset = (signal?: AbortSignal) => getJson<Dataset>('dataset', {}, signal);
export const plan = (signal?: AbortSignal) => getJson<Plan>('plan', {}, signal);
export const indicators = (signal?: AbortSignal) => getJson<Indicators>('indicators', {}, signal);
export const zones = (kind: string, year: number | null, signal?: AbortSignal) => getJson<Zones>('zones', { kind, year }, signal);
export const style = (theme: string, lang: string, signal?: AbortSignal) =>
  getJson<StyleSpecification>('style.json', { theme, lang }, signal);
export const search = (q: string, signal?: AbortSignal) => getJson<Hits>('search', { q, limit: 8 }, signal);
export const ready = (signal?: AbortSignal) => knock('readyz', signal);

/** What numbers are asked for: a zone (null = the city) or a circle, in a year, perhaps of one cluster. */
export interface Question {
  zone: string | null;
  circle: { center: [number, number]; radius_m: number } | null;
  year: number | null;
  cluster: string | null;
}
const body = (q: Question): SummaryBody => ({
  ...(q.circle ? { circle: q.circle } : q.zone ? { zone: q.zone } : {}),
  ...(q.year ? { year: q.year } : {}),
  ...(q.cluster ? { filter: { cluster: q.cluster } } : {}),
});
export const summary = (q: Question, signal?: AbortSignal): Promise<Summary> =>
  q.circle
    ? postJson<Summary>('summary', body(q), signal)
    : getJson<Summary>('summary', { zone: q.zone, year: q.year, cluster: q.cluster }, signal);
/** The same question about a zone, null for the city. */
export const inZone = (q: Question, zone: string | null): Question => ({ zone, circle: null, year: q.year, cluster: q.cluster });
/** The summary as a file. */
export const report = (q: Question, format: string, lang: string, signal?: AbortSignal): Promise<NamedFile> =>
  q.circle
    ? file('report', { format, lang }, body(q), signal)
    : file(`report/${encodeURIComponent(q.zone ?? 'city')}`, { format, lang, year: q.year, cluster: q.cluster }, undefined, signal);

export const items = (collection: string, params: Record<string, string | number | null>, signal?: AbortSignal) =>
  getJson<Items>(`collections/${collection}/items`, params, signal);
export const item = (collection: string, id: string, signal?: AbortSignal) =>
  getJson<Feature>(`collections/${collection}/items/${encodeURIComponent(id)}`, {}, signal);
