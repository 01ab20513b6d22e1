// How fresh the data is: read, and as a paper.
import { address, file, getJson } from './http';
import type { Freshness } from './types';

export const freshness = (signal?: AbortSignal) => getJson<Freshness>('freshness', {}, signal);
export const freshnessPaper = (f: string, lang: string) => file('freshness', { f, lang });
/** The paper as a page. */
export const freshnessPage = (lang: string): string => address('freshness', { f: 'html', lang });
