// t() says a sentence in the chosen language; pick() chooses between the languages of a data text.
import type { Problem } from '../api/http';
import { dataset } from '../state/data.svelte';
import { lang } from '../state/view.svelte';
import { english } from './english.svelte';
import { inserted } from './terms';
import { zh } from './zh';

export type Key = keyof typeof zh;
/** Chinese until the English words have come. */
const catalogue = (): Record<Key, string> => (lang() === 'en' && english()) || zh;

export function t(key: Key, values: Record<string, string | number> = {}): string {
  return inserted(catalogue()[key], values, dataset.value, lang() === 'en' ? 'en' : 'zh');
}

/** A sentence whose key comes from data, e.g. `kind.` + kind; the raw word when the catalogue has none. */
export function word(prefix: string, value: string | null | undefined): string {
  const key = `${prefix}.${value}`;
  return value ? (key in zh ? t(key as Key) : value) : '';
}

type Said = { zh: string; en?: string | null } | string | null | undefined;
export const pick = (text: Said): string =>
  !text ? '' : typeof text === 'string' ? text : (lang() === 'en' && text.en) || text.zh || text.en || '';
export const nameOf = (thing: { name: string; name_en?: string | null }): string =>
  (lang() === 'en' && thing.name_en) || thing.name;
/** Who did something: a name, or whoever sits at the machine itself. */
export const who = (actor: string): string => (actor === 'owner' ? t('actor.owner') : actor);

/** What went wrong: the server's words, and the page's own where it is the page's fault or no answer of the service came. */
export const problemText = (problem: Problem): string =>
  problem.code === 'page'
    ? t('state.page')
    : pick({ zh: problem.detail, en: problem.detailEn }) ||
      t('state.unreached') + (problem.offline ? '' : ` ${t('state.code', { code: problem.code })}`);
