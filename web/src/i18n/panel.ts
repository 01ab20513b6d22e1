// Sentences that come with a panel that is fetched on use, not with the first load of the page.
import { dataset } from '../state/data.svelte';
import { lang } from '../state/view.svelte';
import { inserted } from './terms';

/** What says the sentences of a panel in the chosen language; each is given in Chinese and in English. */
export function sentences<Key extends string>(texts: Record<Key, readonly [zh: string, en: string]>) {
  return (key: Key, values: Record<string, string | number> = {}): string => {
    const english = lang() === 'en';
    return inserted(texts[key][english ? 1 : 0], values, dataset.value, english ? 'en' : 'zh');
  };
}
