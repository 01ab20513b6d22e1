// What the page knows from the server, kept in step with the View.
import { untrack } from 'svelte';
import { type Problem, setLanguage } from '../api/http';
import type { Period } from '../api/period';
import * as api from '../api/shigu';
import type {
  ClassedZones,
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
  ZoneKind,
  ZoneRow,
  Zones,
} from '../api/types';
import { clusterColumn, collectionOf, onlyInChinese, latestPeriod, partitionOf, type Role } from './description';
import { toGeoJson } from './outline';
import { pathTo } from './levels';
import { Resource } from './resource.svelte';
import type { Buffer, View } from './url';
import { go, hasArea, hasOnlyChinese, lang, view } from './view.svelte';

export const dataset = new Resource<Dataset>();
/** What this installation adds: base map, short links. */
export const site = new Resource<Site>();
/** Who reads, and what they may do. */
export const session = new Resource<SessionInfo>();
export const may = (right: Right): boolean => session.value?.rights.includes(right) ?? false;
/** Nothing can be seen before somebody logs in. */
export const locked = (): boolean => session.value !== null && !may('read');
/** The zones to whose enterprises the reader is limited; none for the whole. */
export const limits = (): readonly string[] => session.value?.scope ?? [];
/** Whether the reader may not see the figures of the zones that are in no list. */
export const hidden = (): boolean => limits().length > 0 && partition.value !== null;
export const plan = new Resource<Plan>();
export const indicators = new Resource<Indicators>();
/** Zones of the kind that divides the whole. */
export const partition = new Resource<Zones>();
/** Zones of the other kinds; they may overlap. */
let overlays = $state.raw<readonly { kind: ZoneKind; list: Resource<Zones> }[]>([]);
/** Of kinds with very many zones, those below one zone each. */
let branches = $state.raw<readonly { kind: ZoneKind; parent: string; list: Resource<Zones> }[]>([]);
/** Kinds with more zones below others are fetched as far as the reader has gone down. */
const MOST_AT_ONCE = 500;
const MOST_BRANCHES = 12;
const inBranches = (kind: ZoneKind): boolean =>
  kind.parent !== null && kind.parent !== undefined && kind.count > MOST_AT_ONCE;
/** What zones are coloured by, where the reader chose it or looks at the choices. */
export const shading = new Resource<ClassedZones>();
/** Whether the choices are looked at. */
export const choosing = $state({ shading: false });
/** Numbers of the scope over all clusters: the legend and the bars. */
export const base = new Resource<Summary>();
/** Numbers of the scope and the isolated cluster: the big figures. Same as base when none is isolated. */
export const focus = new Resource<Summary>();
export const layout = new Resource<Items>();
/** The picked feature that is no zone, or the platform behind a zone. */
export const picked = new Resource<Feature>();
/** What the properties of the picked feature's collection are, where that is not the register (`queryables`). */
export const pickedSchema = new Resource<Queryables>();
/** The name of a code of the picked feature. */
export function codeName(property: string, code: unknown): string {
  if (typeof code !== 'string') return '';
  const schema = pickedFrom() === dataset.value?.register ? queryables : pickedSchema;
  return schema.value?.properties[property]?.oneOf?.find((one) => one.const === code)?.title ?? code;
}
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
  partition,
  base,
  focus,
  layout,
  picked,
  platforms,
  queryables,
  shading,
  mapTiles,
];
/** The first thing that went wrong, if any: one banner is enough. */
const all = () => [...everything, ...overlays.map((one) => one.list), ...branches.map((one) => one.list)];
export const trouble = () => all().find((resource) => resource.problem) ?? null;
export const retryAll = (): void => all().forEach((resource) => resource.problem && resource.retry());

/** Which data are on screen, as links that are passed on name them. */
export const edition = (): string | null => {
  const { version, revision } = dataset.value ?? {};
  return version?.number ? `v${version.number}` : (revision?.slice(0, 8) ?? null);
};
/** What answers hang on besides the question: the data, and the table that is looked at. */
const state = (data: Dataset): string => `${data.revision} ${data.register}`;
export const answersOf = (): string | null => dataset.value && state(dataset.value);
/** Other tables of the dataset, and the one that is looked at. */
export const tables = () => (dataset.value && dataset.value.tables.length > 1 ? dataset.value.tables : []);
/** The period in question; none where each figure is of its own latest. */
export const period = (): Period | null => view.period ?? latestPeriod(dataset.value);
/** Every kind with its zones, as far as they have come, in the order of the dataset. */
const kindsWithZones = $derived(
  (dataset.value?.zone_kinds ?? []).map((kind): { kind: ZoneKind; zones: readonly ZoneRow[] } => {
    if (inBranches(kind)) {
      const own = branches.filter((one) => one.kind.id === kind.id);
      return { kind, zones: own.flatMap((one) => one.list.value?.zones ?? []) };
    }
    const list = kind.districts ? partition : overlays.find((one) => one.kind.id === kind.id)?.list;
    return { kind, zones: list?.value?.zones ?? [] };
  }),
);
export const zonesByKind = (): readonly { kind: ZoneKind; zones: readonly ZoneRow[] }[] => kindsWithZones;
const everyZone = $derived(kindsWithZones.flatMap((one) => [...one.zones]));
export const allZones = (): readonly ZoneRow[] => everyZone;
/** Whether a list has come, or will not. */
const arrived = (list: Resource<unknown>): boolean => list.value !== null || list.problem !== null;
/** Whether all kinds have come, and what lies around the chosen zone. */
export const zonesKnown = (): boolean =>
  dataset.value !== null &&
  [...(partitionOf(dataset.value) ? [partition] : []), ...overlays.map((one) => one.list)].every(arrived) &&
  (!view.zone || !dataset.value.zone_kinds.some(inBranches) || branchesKnown());
const branchesKnown = (): boolean =>
  (!hasRegister() || (arrived(base) && !base.loading)) && branches.every((one) => arrived(one.list));
const byId = $derived(new Map([...everyZone, ...(partition.value?.rest ?? [])].map((zone) => [zone.id, zone])));
export const zoneOf = (id: string | null): ZoneRow | null => (id && byId.get(id)) || null;
export const role = (wanted: Role): string | null => collectionOf(dataset.value, wanted);
/** Zones along the lines of the layout. */
export const layoutZones = (): ZoneRow[] => allZones().filter((zone) => zone.collection === role('layout'));
/** The zone that a line of the layout is the middle of. */
export const zoneAlong = (line: string): ZoneRow | null =>
  zoneOf(layout.value?.features.find((one) => one.properties.zone_of === line)?.id ?? null);

/** Whether a zone is the area of a platform: both have one id. */
const isPlatform = (zone: string | null): boolean =>
  zone !== null && (platforms.value?.features ?? []).some((one) => one.id === zone);

/** How the View reads classes. */
export const reading = (): api.Classes => ({
  ...(view.classLevel ? { class_level: view.classLevel } : {}),
  ...(view.classParent ? { class_parent: view.classParent } : {}),
  ...(view.classVersion ? { class_version: view.classVersion } : {}),
});

/** A buffer as the server takes it. */
const near = ({ item, line, distance_m }: Buffer): api.Near => {
  if (line) return { geometry: { type: 'LineString', coordinates: line }, distance_m };
  const [collection, id] = split(item);
  return { collection, id, distance_m };
};
export const bufferOf = ({ collection, id, geometry, distance_m }: api.Near): Buffer => ({
  item: geometry ? null : `${collection}:${id}`,
  line: geometry?.coordinates ?? null,
  distance_m,
});
/** What the View asks. */
export const question = (): api.Question => ({
  zone: view.zone,
  circle: view.circle,
  buffer: view.buffer && near(view.buffer),
  polygon: view.drawn && toGeoJson(view.drawn),
  combine: view.combine.map(({ op, zone, outline }) => ({ op, zone, polygon: outline && toGeoJson(outline) })),
  period: period(),
  cluster: view.cluster,
  clusterProperty: clusterColumn(dataset.value),
  classes: reading(),
  filter: view.filter,
});
type Asked = Pick<
  View,
  | 'zone'
  | 'circle'
  | 'buffer'
  | 'drawn'
  | 'combine'
  | 'filter'
  | 'cluster'
  | 'period'
  | 'classLevel'
  | 'classParent'
  | 'classVersion'
>;
const asked = (): Asked => {
  const { zone, circle, buffer, drawn, combine, filter, cluster, period, classLevel, classParent, classVersion } = view;
  return { zone, circle, buffer, drawn, combine, filter, cluster, period, classLevel, classParent, classVersion };
};
/** The question whose numbers came last. */
let answered = $state.raw<Asked | null>(null);
/** Whether the numbers on screen answer what the View asks now; where the server does not answer they are of another area. */
export const current = (): boolean => answered !== null && JSON.stringify(answered) === JSON.stringify(asked());
/** What the server says of the area that the View asks about, once it has. */
export const areaNow = (): Summary['zone'] | null => (current() ? (base.value?.zone ?? null) : null);
/** Gives up waiting and goes back to the question that the numbers on screen answer. */
export function giveUp(): void {
  if (answered) go(answered);
}

/** Whether there is a register to count; so it seems until the dataset has come. */
export const hasRegister = (): boolean => !dataset.value || dataset.value.register !== null;
/** Whether there are zones whose figures can be compared. */
export const comparesZones = (): boolean => hasRegister() && (dataset.value?.zone_kinds.length ?? 1) > 0;

/** How zones have their classes: a class below those of the reading is in no row, then the zones are counted under it. */
const readingOfZones = (data: Dataset, { classes, cluster, clusterProperty }: api.Question): api.Classes => ({
  ...classes,
  ...(cluster && data.class_levels.length > 1 ? { [clusterProperty]: cluster } : {}),
});

/** One list for each kind of the dataset; those that there were keep their rows until new ones come. */
function loadZones(data: Dataset, asked: api.Question): void {
  const { period, filter } = asked;
  const kinds = data.zone_kinds.filter((kind) => !kind.districts && !inBranches(kind));
  if (kinds.some((kind, i) => overlays[i]?.kind !== kind) || kinds.length !== overlays.length)
    overlays = kinds.map((kind) => ({
      kind,
      list: overlays.find((one) => one.kind.id === kind.id)?.list ?? new Resource<Zones>(),
    }));
  const first = partitionOf(data);
  const read = readingOfZones(data, asked);
  for (const { kind, list } of [...(first ? [{ kind: first, list: partition }] : []), ...overlays])
    list.load(`${state(data)} ${kind.id} ${period} ${filter} ${JSON.stringify(read)}`, (signal) =>
      api.zones(kind.id, period, filter, read, signal),
    );
}

/** The lists below the chosen zone and below those above it, of the kinds that are too large for one list. */
function loadBranches(data: Dataset, asked: api.Question): void {
  const { period, filter } = asked;
  const read = readingOfZones(data, asked);
  const shown = base.value?.zone;
  const way =
    shown && view.zone && shown.id === view.zone
      ? [...shown.parents.map((one) => one.id), view.zone]
      : pathTo(allZones(), view.zone).map((one) => one.id);
  const known = [...new Set([...way, ...branches.map((one) => one.parent)])].slice(0, MOST_BRANCHES);
  const kindOf = (id: string): string | null | undefined =>
    shown?.id === id
      ? shown.zone_kind
      : (shown?.parents.find((one) => one.id === id)?.zone_kind ?? zoneOf(id)?.zone_kind);
  const wanted = data.zone_kinds
    .filter(inBranches)
    .flatMap((kind) => known.filter((id) => kindOf(id) === kind.parent).map((parent) => ({ kind, parent })));
  const list = (kind: ZoneKind, parent: string) =>
    branches.find((one) => one.kind.id === kind.id && one.parent === parent)?.list ?? new Resource<Zones>();
  const next = wanted.map(({ kind, parent }) => ({ kind, parent, list: list(kind, parent) }));
  if (next.length !== branches.length || next.some((one, i) => one.list !== branches[i]?.list)) branches = next;
  for (const { kind, parent, list } of next)
    list.load(`${state(data)} ${kind.id} ${parent} ${period} ${filter} ${JSON.stringify(read)}`, (signal) =>
      api.zones(kind.id, period, filter, read, signal, parent),
    );
}

/** What there is besides the register. */
function loadStructure(data: Dataset): void {
  const platformsId = role('platforms');
  const layoutId = role('layout');
  if (layoutId) layout.load(data.revision, (signal) => api.items(layoutId, { limit: 200 }, signal));
  if (platformsId) platforms.load(data.revision, (signal) => api.items(platformsId, { limit: 500 }, signal));
  if (data.plan) plan.load(data.revision, (signal) => api.plan(signal));
  else plan.empty();
  if (data.indicators) indicators.load(data.revision, (signal) => api.indicators(signal));
  else indicators.empty();
}

let shownTable: string | null = null;
let opened = false;
/** Who is limited to one zone begins there, unless the address says where to begin. */
function open(): void {
  if (opened || !session.value || !dataset.value) return;
  opened = true;
  const [only, ...others] = limits();
  if (only && !others.length && !hasArea() && !view.item) go({ zone: only });
}

function follow(): void {
  $effect(() => {
    if (dataset.value) hasOnlyChinese(onlyInChinese(dataset.value));
  });
  $effect(() => setLanguage(lang() === 'en' ? 'en' : 'zh-CN'));
  $effect(open);
  $effect(() => {
    const table = view.table;
    const unknown = table !== null && dataset.problem?.status === 400;
    untrack(() => {
      // a link may name a table that is no more
      if (unknown) return go({ table: null }, false);
      if (table === shownTable) return;
      shownTable = table;
      renew();
    });
  });
  $effect(() => {
    const data = dataset.value;
    const asking = question();
    if (!data) return;
    untrack(() => {
      loadStructure(data);
      loadZones(data, asking);
      if (!data.register) return void [base, focus].forEach((one) => one.empty());
      const whole = { ...asking, cluster: null };
      base.load(JSON.stringify([state(data), whole]), (signal) => api.summary(whole, signal));
      if (asking.cluster) focus.load(JSON.stringify([state(data), asking]), (signal) => api.summary(asking, signal));
      else focus.empty();
    });
  });
  $effect(() => {
    const [data, asking] = [dataset.value, question()];
    const known = base.value?.zone.id === view.zone || (!hasRegister() && zoneOf(view.zone) !== null);
    if (data && view.zone && known) untrack(() => loadBranches(data, asking));
  });
  $effect(() => {
    // the View may have gone on by the time that this is seen; then the next answer sets it right
    if (base.value && !base.loading && !base.problem && !focus.loading && !focus.problem)
      untrack(() => (answered = asked()));
  });
  $effect(() => {
    const [data, tongue] = [dataset.value, lang()];
    const register = data?.register;
    if (register)
      untrack(() => queryables.load(`${state(data)} ${tongue}`, (signal) => api.queryables(register, tongue, signal)));
  });
  $effect(() => {
    const target = view.item ?? (isPlatform(view.zone) ? `${role('platforms')}:${view.zone}` : null);
    untrack(() => {
      const [collection, id] = split(target);
      if (collection && id) picked.load(target!, (signal) => api.item(collection, id, signal));
      else picked.empty();
    });
  });
  $effect(() => {
    const [data, tongue, collection] = [dataset.value, lang(), pickedFrom()];
    if (data && collection && collection !== data.register)
      untrack(() =>
        pickedSchema.load(`${data.revision} ${tongue} ${collection}`, (signal) =>
          api.queryables(collection, tongue, signal),
        ),
      );
  });
}

export function split(item: string | null): [string | null, string | null] {
  const at = item?.indexOf(':') ?? -1;
  return at > 0 ? [item!.slice(0, at), item!.slice(at + 1)] : [null, null];
}
/** The collection of what is picked, for choosing the right card. */
export const pickedFrom = (): string | null =>
  split(view.item)[0] ?? (isPlatform(view.zone) ? role('platforms') : null);

let turn = 0;
/** Asks for the data anew: the register has changed. */
export const renew = (): void => dataset.load(`dataset ${++turn}`, (signal) => api.dataset(view.table, signal));

/** Starts the page's conversation with the server; call once. */
export function start(): () => void {
  shownTable = view.table;
  dataset.load('dataset', (signal) => api.dataset(view.table, signal));
  site.load('site', (signal) => api.site(signal));
  session.load('session', (signal) => api.session(signal));
  return $effect.root(follow);
}
