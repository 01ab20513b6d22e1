// What stands side by side: the summaries of the chosen zones in one period or two, and the sums of the partition for the maps.
import { untrack } from 'svelte';
import type { Period } from '../api/period';
import * as api from '../api/shigu';
import type { Summary, Zones } from '../api/types';
import { allZones, answersOf, dataset, partition, period, reading } from './data.svelte';
import { metricOf, partitionOf } from './description';
import { Resource } from './resource.svelte';
import { circleCorners, type Outline, toGeoJson } from './outline';
import { MOST_NAME, MOST_ZONES, type NamedArea } from './url';
import { go, view } from './view.svelte';

/** The whole city among the zones. */
export const CITY = 'city';
export interface Column {
  id: string;
  summary: Summary;
}

export const now = new Resource<Column[]>();
export const before = new Resource<Column[]>();
export const sumsNow = new Resource<Zones>();
export const sumsBefore = new Resource<Zones>();
const parts = [now, before, sumsNow, sumsBefore] as const;
export const comparedTrouble = () => parts.find((one) => one.problem)?.problem ?? null;
export const retryCompared = (): void => parts.forEach((one) => one.problem && one.retry());

/** The zones in the order of their columns. Without a choice: the zone shown now or the three largest of the partition, and the city. */
export function chosen(): readonly string[] {
  if (view.zones) return view.zones.filter((id) => id === CITY || !dataset.value || !partition.value || known(id));
  const largest = [...(partition.value?.zones ?? [])]
    .sort((a, b) => b.count - a.count)
    .slice(0, 3)
    .map((row) => row.id);
  const first = view.zone && known(view.zone) ? [view.zone] : largest;
  return first.length ? [...first, CITY] : [];
}
const known = (id: string): boolean =>
  api.isSaved(id) || areaOf(id) !== null || allZones().some((zone) => zone.id === id);

/** The columns but that of the whole. */
export const singles = (): readonly string[] => chosen().filter((id) => id !== CITY);
/** What an analysis is of: `kind:` and a kind of zones, or the id of a column; as chosen, while it is there, else the partition. */
export function analysed(wanted: string | null): string {
  if (wanted !== null && (wanted.startsWith('kind:') || singles().includes(wanted))) return wanted;
  return `kind:${partitionOf(dataset.value)?.id ?? dataset.value?.zone_kinds[0]?.id}`;
}

/** The id of the column of an area of the reader's own, by its place among them. */
export const areaId = (at: number): string => `area:${at}`;
/** The area of the reader's own that a column is about. */
export const areaOf = (id: string | null): NamedArea | null => view.areas.find((_, i) => areaId(i) === id) ?? null;
export const outlineOf = ({ circle, outline }: NamedArea): Outline =>
  outline ?? (circle ? [[circleCorners(circle.center, circle.radius_m)]] : []);

/** Keeps an area of the reader's own to be compared, beside what was compared before. */
export function addArea(area: NamedArea): void {
  const before = chosen().length ? chosen() : [CITY];
  const others = before.filter((id) => id !== CITY).slice(0, MOST_ZONES - 2);
  go({ mode: 'compare', areas: [...view.areas, area], zones: [areaId(view.areas.length), ...others, CITY] });
}
export function renameArea(at: number, name: string): void {
  const said = name.trim().slice(0, MOST_NAME);
  if (said) go({ areas: view.areas.map((one, i) => (i === at ? { ...one, name: said } : one)) }, false);
}
export function dropArea(at: number): void {
  const moved = (id: string): string[] => {
    const own = view.areas.findIndex((_, i) => areaId(i) === id);
    return own === at ? [] : [own > at ? areaId(own - 1) : id];
  };
  go({ zones: chosen().flatMap(moved), areas: view.areas.filter((_, i) => i !== at) });
}

export function toggle(id: string): void {
  const all = chosen();
  const next = all.includes(id) ? all.filter((one) => one !== id) : [...all, id];
  if (next.length <= MOST_ZONES) go({ zones: next });
}
export const full = (): boolean => chosen().length >= MOST_ZONES;
/** The other period, where it is one of the data and not the same. */
export const against = (): Period | null =>
  view.against !== null && view.against !== period() && dataset.value?.periods.includes(view.against)
    ? view.against
    : null;
/** What clusters and maps are measured by; a metric that the data don't have counts as none. */
export const measure = (): string => (metricOf(dataset.value, view.by) ? view.by : 'count');

/** Summaries that were fetched for these data, so that one more zone costs one more request. */
let kept = new Map<string, Promise<Summary>>();
let keptOf = '';
const MOST_KEPT = 200;

/** What is asked about a column: the whole, a zone, or an area of the reader's own. */
export function questionOf(id: string, of: Period | null, filter: string | null, classes: api.Classes): api.Question {
  const own = areaOf(id);
  return {
    zone: id === CITY || own ? null : id,
    circle: own?.circle ?? null,
    buffer: null,
    polygon: own?.outline ? toGeoJson(own.outline) : null,
    combine: [],
    period: of,
    cluster: null,
    clusterProperty: '',
    classes,
    filter,
  };
}

/** Never broken off: another column may be waiting for the same answer. */
function summary(
  revision: string,
  id: string,
  of: Period | null,
  filter: string | null,
  classes: api.Classes,
): Promise<Summary> {
  const own = areaOf(id);
  if (keptOf !== revision || kept.size > MOST_KEPT) [kept, keptOf] = [new Map(), revision];
  const key = `${own ? JSON.stringify([own.circle, own.outline]) : id} ${of} ${filter} ${JSON.stringify(classes)}`;
  const found = kept.get(key);
  if (found) return found;
  const asked = api.summary(questionOf(id, of, filter, classes));
  kept.set(key, asked);
  asked.catch(() => kept.get(key) === asked && kept.delete(key));
  return asked;
}

const columns =
  (revision: string, ids: readonly string[], of: Period | null, filter: string | null, classes: api.Classes) => () =>
    Promise.all(
      ids.map(async (id): Promise<Column> => ({ id, summary: await summary(revision, id, of, filter, classes) })),
    );

/** Keeps the columns in step with the View; call while they are shown. */
export function followCompared(): void {
  $effect(() => {
    const revision = answersOf();
    const kind = partitionOf(dataset.value)?.id;
    const [ids, shown, other, filter, classes] = [chosen(), period(), against(), view.filter, reading()];
    const read = JSON.stringify(classes);
    if (!revision || !ids.length) return;
    const own = ids.map((id) => areaOf(id)).map((one) => one && [one.circle, one.outline]);
    untrack(() => {
      now.load(
        JSON.stringify([revision, ids, own, shown, filter, read]),
        columns(revision, ids, shown, filter, classes),
      );
      if (kind)
        sumsNow.load(`${revision} ${shown} ${filter} ${read}`, (signal) =>
          api.zoneSums(kind, shown, filter, classes, signal),
        );
      if (other === null) {
        before.empty();
        sumsBefore.empty();
      } else {
        before.load(
          JSON.stringify([revision, ids, own, other, filter, read]),
          columns(revision, ids, other, filter, classes),
        );
        if (kind)
          sumsBefore.load(`${revision} ${other} ${filter} ${read}`, (signal) =>
            api.zoneSums(kind, other, filter, classes, signal),
          );
      }
    });
  });
}
