// The live View: read once from the address bar, changed only through go(), written back at once.
import { type Choropleth, parse, print } from './choropleth';
import { keep, kept } from './storage';
import { type Lang, type Theme, type View, read, write } from './url';

export const view: View = $state(read(new URL(location.href)));
const system = $state({ dark: matchMedia('(prefers-color-scheme: dark)').matches });
/** Whether the dataset on screen has texts in Chinese alone; any other is read in the browser's language. */
const texts = $state({ onlyChinese: false });
export const hasOnlyChinese = (only: boolean): void => void (texts.onlyChinese = only);
const memory = $state({ theme: kept('theme'), lang: kept('lang'), unit: kept('unit') });

matchMedia('(prefers-color-scheme: dark)').addEventListener('change', (event) => (system.dark = event.matches));
/** Counts the reader's steps back and forward, so that the map can follow them. */
export const steps = $state({ back: 0 });
addEventListener('popstate', () => {
  Object.assign(view, read(new URL(location.href)));
  steps.back += 1;
});

const link = (): string => location.pathname + write(view);

/** Changes the View. A choice makes a step in the browser's history; moving the map does not. */
export function go(change: Partial<View>, step = true): void {
  Object.assign(view, change);
  const next = link();
  if (next === location.pathname + location.search + location.hash) return;
  if (step) history.pushState(null, '', next);
  else history.replaceState(null, '', next);
}

/** Changes the View for the time being: the address is written when the reader's hand comes to rest. */
export const preview = (change: Partial<View>): void => void Object.assign(view, change);

export const theme = (): Theme => {
  const chosen = view.theme ?? memory.theme;
  return chosen === 'dark' || chosen === 'light' ? chosen : system.dark ? 'dark' : 'light';
};
export const lang = (): Lang => {
  const chosen = view.lang ?? memory.lang;
  if (chosen === 'en' || chosen === 'zh') return chosen;
  return texts.onlyChinese || navigator.language.startsWith('zh') ? 'zh' : 'en';
};
/** Sums in the large unit of the language or the small one, where the dataset declares two. */
export const unit = (): 'large' | 'small' => (memory.unit === 'small' ? 'small' : 'large');

export function chooseTheme(value: Theme): void {
  keep('theme', (memory.theme = value));
  go({ theme: value }, false);
}
export function chooseLang(value: Lang): void {
  keep('lang', (memory.lang = value));
  go({ lang: value }, false);
}
export const chooseUnit = (value: 'large' | 'small'): void => keep('unit', (memory.unit = value));

export const toggleCluster = (code: string): void => go({ cluster: view.cluster === code ? null : code });
/** No area chosen: the whole city. */
export const EVERYWHERE = { zone: null, item: null, circle: null, buffer: null, drawn: null, combine: [] } as const;
export const hasArea = (): boolean =>
  view.zone !== null || view.circle !== null || view.buffer !== null || view.drawn !== null || view.combine.length > 0;
export const chooseZone = (zone: string | null): void => go({ ...EVERYWHERE, zone });
/** What zones are coloured and ranked by, changed in part. */
export const chooseShading = (change: Partial<Choropleth>): void =>
  go({ choropleth: print({ ...parse(view.choropleth), ...change }) }, false);
/** Another table: conditions, classes, years and rows of this one mean nothing there. The area stays. */
export const chooseTable = (table: string | null): void =>
  go({
    table,
    item: null,
    cluster: null,
    filter: null,
    classLevel: null,
    classParent: null,
    classVersion: null,
    period: null,
    choropleth: null,
    hot: null,
    against: null,
    list: null,
    sort: null,
    by: 'count',
  });
export const clear = (): void => go({ ...EVERYWHERE, cluster: null, filter: null, list: null, sort: null });
