// What a dataset says of itself (`/dataset`), read by role: metrics, kinds of zones, layer groups. Pure functions.
import type { Period } from '../api/period';
import type { Cluster, Dataset, LayerGroup, Metric, ZoneKind } from '../api/types';

type Described<K extends keyof Dataset> = Pick<Dataset, K> | null | undefined;
export type Role = Dataset['collections'][number]['role'];

/** The collection of a role; the first where there are several. */
export const collectionOf = (data: Described<'collections'>, role: Role): string | null =>
  data?.collections.find((one) => one.role === role)?.id ?? null;

export const metricOf = (data: Described<'metrics'>, id: string | null | undefined): Metric | null =>
  data?.metrics.find((one) => one.id === id) ?? null;

/** The period of a metric's figures: that in question, or its latest. */
export const metricPeriod = (data: Described<'metrics'>, id: string, period: Period | null): Period | null =>
  period ?? metricOf(data, id)?.periods.at(-1) ?? null;
/** The property of the register that holds a metric's figures of a period; without one of its latest. */
export const metricColumn = (data: Described<'metrics'>, id: string, period: Period | null): string | null =>
  metricOf(data, id)?.columns[metricPeriod(data, id, period) ?? ''] ?? null;
/** The latest period, where it is that of every metric. */
export const latestPeriod = (data: Described<'metrics' | 'default_period'>): Period | null =>
  data?.metrics.every((one) => one.periods.at(-1) === data.default_period) ? (data.default_period ?? null) : null;
/** The metric whose figures a property of the register holds, whatever the period. */
export const metricOfColumn = (data: Described<'metrics'>, property: string): Metric | null =>
  data?.metrics.find((one) => Object.values(one.columns).includes(property)) ?? null;
/** The property of the register that holds the code of the cluster. */
export const clusterColumn = (data: Described<'register_columns'>): string =>
  data?.register_columns?.cluster ?? 'cluster';

/** The class of a code: of the classification, else of one of its versions. */
export const classNamed = (
  data: Described<'clusters' | 'class_versions'>,
  code: string | null | undefined,
): Cluster | null =>
  (code &&
    [...(data?.clusters ?? []), ...(data?.class_versions ?? []).flatMap((one) => one.clusters)].find(
      (one) => one.code === code,
    )) ||
  null;
/** The classes of a version; of the register's own codes where none is named. */
export const classesOf = (data: Described<'clusters' | 'class_versions'>, version: string | null): readonly Cluster[] =>
  data?.class_versions.find((one) => one.id === version)?.clusters ?? data?.clusters ?? [];
/** The codes above a code, the topmost first, and itself. */
export function pathTo(classes: readonly Cluster[], code: string | null): Cluster[] {
  const path: Cluster[] = [];
  let at = classes.find((one) => one.code === code);
  while (at && !path.includes(at)) {
    path.unshift(at);
    const above = at.parent;
    at = above ? classes.find((one) => one.code === above) : undefined;
  }
  return path;
}

/** The name that a feature of a collection has, and its English one. */
export function namesIn(
  data: Described<'collections'>,
  collection: string | null,
  properties: Record<string, unknown>,
): { name: string; name_en: string | null } {
  const of = data?.collections.find((one) => one.id === collection);
  const text = (property: string | null | undefined): string | null => {
    const value = property ? properties[property] : null;
    return value === null || value === undefined || value === '' ? null : String(value);
  };
  return { name: text(of?.name ?? 'name') ?? '', name_en: text(of?.name_en ?? 'name_en') };
}

/** The kind whose zones, with what none of them holds, add up to the whole. */
export const partitionOf = (data: Described<'zone_kinds'>): ZoneKind | null =>
  data?.zone_kinds.find((one) => one.districts) ?? null;
export const zoneKindOf = (data: Described<'zone_kinds'>, id: string | null | undefined): ZoneKind | null =>
  data?.zone_kinds.find((one) => one.id === id) ?? null;

/** The collections of the partition, and all that hold zones. */
export const partitionCollections = (data: Described<'zone_kinds'>): readonly string[] =>
  partitionOf(data)?.collections ?? [];
export const zoneCollections = (data: Described<'zone_kinds'>): string[] => [
  ...new Set((data?.zone_kinds ?? []).flatMap((one) => one.collections)),
];

/** The layer groups that are shown: what the reader chose, or what the dataset shows at first. Unknown ids do nothing. */
export function shownGroups(data: Described<'layer_groups'>, chosen: ReadonlySet<string> | null): ReadonlySet<string> {
  const groups = data?.layer_groups ?? [];
  return new Set(groups.filter((one) => (chosen ? chosen.has(one.id) : one.visible !== false)).map((one) => one.id));
}
/** The choice after one switch was used; null where it is what the dataset shows at first. */
export function toggled(
  data: Described<'layer_groups'>,
  chosen: ReadonlySet<string> | null,
  id: string,
): ReadonlySet<string> | null {
  const groups: readonly LayerGroup[] = data?.layer_groups ?? [];
  const shown = new Set(shownGroups(data, chosen));
  if (!shown.delete(id)) shown.add(id);
  const first = groups.every((one) => shown.has(one.id) === (one.visible !== false));
  return first ? null : new Set(groups.map((one) => one.id).filter((one) => shown.has(one)));
}

/** Whether a dataset has its texts in Chinese alone: its title says so. */
export const onlyInChinese = ({ title }: Pick<Dataset, 'title'>): boolean =>
  /\p{Script=Han}/u.test(title.en ?? title.zh);
