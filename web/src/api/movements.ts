// What came, ceased and changed places since a day: read, and as a paper.
import { address, file, getJson } from './http';
import { shownTable } from './shigu';
import type { Movements } from './types';

export interface MovementsAsked {
  kind: string;
  since: string | null;
  until: string | null;
}
const query = (asked: MovementsAsked) => ({ ...asked, table: shownTable() });

export const movements = (asked: MovementsAsked, signal?: AbortSignal) =>
  getJson<Movements>('zones/movements', query(asked), signal);
export const movementsPaper = (asked: MovementsAsked, f: string, lang: string) =>
  file('zones/movements', { ...query(asked), f, lang });
/** The paper as a page. */
export const movementsPage = (asked: MovementsAsked, lang: string): string =>
  address('zones/movements', { ...query(asked), f: 'html', lang });
