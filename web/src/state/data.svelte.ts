// What the page knows from the server, kept in step with the View.
import { untrack } from 'svelte';
import { type Problem, setLanguage } from '../api/http';
import * as api from '../api/shigu';
import type {
  Dataset,
  Feature,
  Indicators,
  Items,
  Plan,
  Queryables,
  Right,
  SessionInfo,
  Site,
  Summary,
  ZoneRow,
  Zones,
} from '../api/types';
import { toGeoJson } from './outline';
import { Resource } from './resource.svelte';
import type { View } from './url';
import { go, lang, view } from './view.svelte';

export const dataset = new Resource<Dataset>();
/** What this installation adds: base map, short links. */
export const site = new Resource<Site>();
/** Who reads, and what they may do. */
export const session = new Resource<SessionInfo>();
export const may = (right: Right): boolean => session.value?.rights.includes(right) ?? false;
/** Nothing can be seen before somebody logs in. */
export const locked = (): boolean => session.value !== null && !may('read');
export const plan = new Resource<Plan>();
export const indicators = new Resource<Indicators>();
export const districts = new Resource<Zones>();
export const platformZones = new Resource<Zones>();
export const corridors = new Resource<Zones>();
/** Numbers of the scope over all clusters: the legend and the bars. */
export const base = new Resource<Summary>();
/** Numbers of the scope and the isolated cluster: the big figures. Same as base when none is isolated. */
export const focus = new Resource<Summary>();
export const layout = new Resource<Items>();
/** The picked feature that is no zone, or the platform behind a platform zone. */
export const picked = new Resource<Feature>();
/** All rows of the platforms' collection, for the list: also those without position. */
export const platforms = new Resource<Items>();
/** What a filter on the register can speak of. */
export const queryables = new Resource<Queryables>();

/** Tiles of the live map: the map fetches them itself and only tells when they fail. */
class Tiles {
  problem = $state.raw<Problem | null>(null);
  again: (() => void) | null = null;
  retry(): void {
    this.again?.();
  }
  empty(): void {
    this.problem = null;
    this.again = null;
  }
}
export const mapTiles = new Tiles();

const everything: { problem: Problem | null; retry: () => void }[] = [
  dataset,
  site,
  session,
  plan,
  indicators,
  districts,
  platformZones,
  corridors,
  base,
  focus,
  layout,
  picked,
  platforms,
  queryables,
  mapTiles,
];
/** The first thing that went wrong, if any: one banner is enough. */
export const trouble = () => everything.find((resource) => resource.problem) ?? null;
export const retryAll = (): void => everything.forEach((resource) => resource.problem && resource.retry());

/** Which data are on screen, as links that are passed on name them. */
export const edition = (): string | null => {
  const { version, revision } = dataset.value ?? {};
  return version?.number ? `v${version.number}` : (revision?.slice(0, 8) ?? null);
};
export const year = (): number | null => view.year ?? dataset.value?.default_year ?? null;
export const allZones = (): ZoneRow[] =>
  [districts, platformZones, corridors].flatMap((resource) => resource.value?.zones ?? []);
export const zoneOf = (id: string | null): ZoneRow | null =>
  (id && [...allZones(), ...(districts.value?.rest ?? [])].find((zone) => zone.id === id)) || null;
export const role = (wanted: string): string | null =>
  dataset.value?.collections.find((collection) => collection.role === wanted)?.id ?? null;

/** What the View asks. */
export const question = (): api.Question => ({
  zone: view.zone,
  circle: view.circle,
  polygon: view.drawn && toGeoJson(view.drawn),
  combine: view.combine.map(({ op, zone, outline }) => ({ op, zone, polygon: outline && toGeoJson(outline) })),
  year: year(),
  cluster: view.cluster,
  filter: view.filter,
});
type Asked = Pick<View, 'zone' | 'circle' | 'drawn' | 'combine' | 'filter' | 'cluster' | 'year'>;
const asked = (): Asked => {
  const { zone, circle, drawn, combine, filter, cluster, year } = view;
  return { zone, circle, drawn, combine, filter, cluster, year };
};
/** The question whose numbers came last. */
let answered: Asked | null = null;
/** Gives up waiting and goes back to the question that the numbers on screen answer. */
export function giveUp(): void {
  if (answered) go(answered);
}

function follow(): void {
  $effect(() => setLanguage(lang() === 'en' ? 'en' : 'zh-CN'));
  $effect(() => {
    const data = dataset.value;
    const asking = question();
    if (!data) return;
    untrack(() => {
      for (const [resource, kind] of [
        [districts, 'district'],
        [platformZones, 'platform'],
        [corridors, 'corridor'],
      ] as const) {
        resource.load(`${data.revision} ${kind} ${asking.year} ${asking.filter}`, (signal) =>
          api.zones(kind, asking.year, asking.filter, signal),
        );
      }
      const all = { ...asking, cluster: null };
      base.load(JSON.stringify([data.revision, all]), (signal) => api.summary(all, signal));
      if (asking.cluster) focus.load(JSON.stringify([data.revision, asking]), (signal) => api.summary(asking, signal));
      else focus.empty();
      const platformsId = role('platforms');
      const layoutId = role('layout');
      if (layoutId) layout.load(data.revision, (signal) => api.items(layoutId, { limit: 200 }, signal));
      if (platformsId) platforms.load(data.revision, (signal) => api.items(platformsId, { limit: 500 }, signal));
      plan.load(data.revision, (signal) => api.plan(signal));
      indicators.load(data.revision, (signal) => api.indicators(signal));
    });
  });
  $effect(() => {
    // the View may have gone on by the time that this is seen; then the next answer sets it right
    if (base.value && !base.loading && !base.problem && !focus.loading) untrack(() => (answered = asked()));
  });
  $effect(() => {
    const [data, tongue] = [dataset.value, lang()];
    const register = data?.register;
    if (register)
      untrack(() =>
        queryables.load(`${data.revision} ${tongue}`, (signal) => api.queryables(register, tongue, signal)),
      );
  });
  $effect(() => {
    const target = view.item ?? (zoneOf(view.zone)?.kind === 'platform' ? `${role('platforms')}:${view.zone}` : null);
    untrack(() => {
      const [collection, id] = split(target);
      if (collection && id) picked.load(target!, (signal) => api.item(collection, id, signal));
      else picked.empty();
    });
  });
}

export function split(item: string | null): [string | null, string | null] {
  const at = item?.indexOf(':') ?? -1;
  return at > 0 ? [item!.slice(0, at), item!.slice(at + 1)] : [null, null];
}
/** The collection of what is picked, for choosing the right card. */
export const pickedFrom = (): string | null =>
  split(view.item)[0] ?? (zoneOf(view.zone)?.kind === 'platform' ? role('platforms') : null);

let turn = 0;
/** Asks for the data anew: the register has changed. */
export const renew = (): void => dataset.load(`dataset ${++turn}`, (signal) => api.dataset(signal));

/** Starts the page's conversation with the server; call once. */
export function start(): () => void {
  dataset.load('dataset', (signal) => api.dataset(signal));
  site.load('site', (signal) => api.site(signal));
  session.load('session', (signal) => api.session(signal));
  return $effect.root(follow);
}
