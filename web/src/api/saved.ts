// What the server keeps under a name; fetched with the panel that shows it.
import { changeSeen, file, getJson, postJson } from './http';
import type { NewSaved, SavedContent, SavedItem, SavedList } from './types';

const savedAt = (id: string, what = '') => `saved/${encodeURIComponent(id)}${what}`;
export const savedItems = (signal?: AbortSignal) => getJson<SavedList>('saved', {}, signal);
export const savedItem = (id: string, signal?: AbortSignal) => getJson<SavedItem>(savedAt(id), {}, signal);
export const addSaved = (body: NewSaved) => postJson<SavedItem>('saved', body);
export const changeSaved = (id: string, tag: string, body: SavedContent) =>
  changeSeen<SavedItem>('PUT', savedAt(id), tag, body);
export const removeSaved = (id: string, tag: string) => changeSeen<null>('DELETE', savedAt(id), tag);
export const restoreSaved = (id: string) => postJson<SavedItem>(savedAt(id, '/restore'), {});
export const orderSaved = (folder: string, ids: readonly string[]) =>
  postJson<SavedList>('saved/order', { folder, ids });
export const savedLayer = () => file('saved/export', {});
export const savedBriefing = (ids: readonly string[], title: string, lang: string) =>
  file('saved/briefing', { ids: ids.join(','), title, lang });
