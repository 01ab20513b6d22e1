// What is looked for: it stands in the address. The conditions and wishes become the body of a request.
import * as api from '../../api/shigu';
import type { ClassFits, Partners, SiteBody, SiteSelection, Wish } from '../../api/types';
import { dataset, question, queryables } from '../../state/data.svelte';
import { Resource } from '../../state/resource.svelte';
import { go, hasArea, view } from '../../state/view.svelte';

export interface Search {
  class: string | null;
  stage: string | null;
  own: boolean;
  vacant: number | null;
  area: number | null;
  price: number | null;
  available: string | null;
  facilities: string[];
  wishes: Wish[];
  beside: string[];
}
export const MOST_BESIDE = 4;
const EMPTY: Search = {
  class: null,
  stage: null,
  own: false,
  vacant: null,
  area: null,
  price: null,
  available: null,
  facilities: [],
  wishes: [],
  beside: [],
};

/** The table of sites, and what its properties are for. */
export const table = () => dataset.value?.tables.find((one) => one.sites) ?? null;
export const roles = () => table()?.sites ?? null;
/** Whether the description is of the table of sites. */
export const ready = (): boolean => table()?.shown === true;

/** The search of the address; wishes that any city can answer where it says nothing. */
export function search(): Search {
  const metric = roles()?.vacant ?? roles()?.area;
  const usual: Wish[] = [
    { by: 'partners', distance_m: 5000, weight: 3 },
    { by: 'quotient', weight: 2 },
    ...(metric ? [{ by: 'value', metric, weight: 1 } as const] : []),
    ...(roles()?.price ? [{ by: 'value', property: roles()!.price!, prefer: 'less', weight: 1 } as const] : []),
  ];
  try {
    const read = JSON.parse(view.sites ?? '{}') as Partial<Search>;
    const all = { ...EMPTY, wishes: usual, ...read };
    return Array.isArray(all.wishes) && Array.isArray(all.facilities) && Array.isArray(all.beside)
      ? all
      : { ...EMPTY, wishes: usual };
  } catch {
    return { ...EMPTY, wishes: usual };
  }
}
export const change = (part: Partial<Search>): void => go({ sites: JSON.stringify({ ...search(), ...part }) }, false);
export const changeWish = (at: number, part: Partial<Wish>): void =>
  change({ wishes: search().wishes.map((wish, i) => (i === at ? { ...wish, ...part } : wish)) });

/** The property that holds the latest figures of a metric of the table. */
export function columnOf(metric: string | null | undefined): string | null {
  const columns = dataset.value?.metrics.find((one) => one.id === metric)?.columns ?? {};
  return (
    Object.entries(columns)
      .sort(([a], [b]) => a.localeCompare(b))
      .at(-1)?.[1] ?? null
  );
}
const quoted = (name: string): string => `"${name.replace(/"/g, '""')}"`;
const text = (value: string): string => `'${value.replace(/'/g, "''")}'`;

/** The hard conditions as CQL2 text. */
function filter(of: Search): string | null {
  const [vacant, area] = [columnOf(roles()?.vacant), columnOf(roles()?.area)];
  const all = [
    vacant && of.vacant !== null ? `${quoted(vacant)} >= ${of.vacant}` : null,
    area && of.area !== null ? `${quoted(area)} >= ${of.area}` : null,
    roles()?.price && of.price !== null ? `${quoted(roles()!.price!)} <= ${of.price}` : null,
    roles()?.available && of.available ? `${quoted(roles()!.available!)} <= DATE(${text(of.available)})` : null,
    roles()?.facilities && of.facilities.length
      ? `A_CONTAINS(${quoted(roles()!.facilities!)}, (${of.facilities.map(text).join(', ')}))`
      : null,
  ].filter((one) => one !== null);
  return all.length ? all.join(' AND ') : null;
}

/** Wishes that say something of a class need one. */
export const needsClass = (wish: Wish): boolean => wish.by === 'partners' || wish.by === 'quotient';
/** The wishes that can be answered now. */
export const usable = (of: Search): Wish[] => of.wishes.filter((wish) => of.class || !needsClass(wish));

/** The body of the request; none where nothing can be asked. */
export function body(of: Search): SiteBody | null {
  const wishes = usable(of).filter((wish) => (wish.weight ?? 1) > 0);
  if (!ready() || !wishes.length) return null;
  const { zone, polygon, circle, buffer, combine } = api.questionBody(question()) as Record<string, never>;
  const own = of.own && hasArea() ? { zone, polygon, circle, buffer, combine } : {};
  const conditions = filter(of);
  return {
    question: { ...own, ...(conditions ? { filter: conditions } : {}) },
    ...(of.class ? { class: of.class } : {}),
    ...(of.class && of.stage ? { stage: of.stage } : {}),
    wishes,
    limit: 20,
  };
}

/** Titles, codes and units of the properties. */
export const property = (name: string | null | undefined) => (name && queryables.value?.properties[name]) || null;

export const found = new Resource<SiteSelection>();
export const near = new Resource<Partners>();
export const fits = new Resource<ClassFits>();
/** The site that is looked at. */
export const looked = $state<{ id: string | null }>({ id: null });
