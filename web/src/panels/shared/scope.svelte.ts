// What the numbers on screen are about, in words; and which numbers those are.
import type { Summary, ZoneRow } from '../../api/types';
import { nameOf, pick, t, word } from '../../i18n';
import { number } from '../../i18n/format';
import { areaOf, CITY, now } from '../../state/comparison.svelte';
import { base, current, dataset, focus, limits, picked, pickedFrom, zoneOf } from '../../state/data.svelte';
import { namesIn, partitionCollections, partitionOf, zoneKindOf } from '../../state/description';
import { view } from '../../state/view.svelte';

/** The numbers to show big: of the isolated cluster when one is, else of all. */
export const shown = (): Summary | null => (view.cluster ? (focus.value ?? base.value) : base.value);
export const loading = (): boolean => dataset.loading || base.loading || (view.cluster !== null && focus.loading);

/** The name of a feature of a collection in the language, where the feature has one. */
export const titleOf = (properties: Record<string, unknown> | undefined, collection: string | null): string =>
  properties ? nameOf(namesIn(dataset.value, collection, properties)) : '';

/** The zones of the partition that a row names, in one property or in a list. */
export function placesIn(properties: Record<string, unknown>): ZoneRow[] {
  const parts = partitionCollections(dataset.value);
  const zones = Object.values(properties).flatMap((value) =>
    (Array.isArray(value) ? value : [value]).flatMap((one) => (typeof one === 'string' ? (zoneOf(one) ?? []) : [])),
  );
  return [...new Set(zones)].filter((zone) => parts.includes(zone.collection ?? ''));
}

/** What sort of area it is: the title of the zone's kind, or a word of the page. */
export const areaKind = (area: { kind: string; zone_kind?: string | null }): string =>
  area.zone_kind
    ? pick(zoneKindOf(dataset.value, area.zone_kind)?.title)
    : area.kind === 'rest'
      ? t('kind.rest', { kind: pick(partitionOf(dataset.value)?.title) })
      : word('kind', area.kind);

/** What the whole is called: where the reader is limited, it is what they may see. */
export const everywhereName = (): string =>
  limits().length
    ? limits()
        .map((id) => nameOf(zoneOf(id) ?? { name: id }))
        .join(t('list.comma'))
    : t('kind.city');

export function scopeName(): string {
  const summary = base.value;
  if (view.combine.length && current() && summary?.zone.kind === 'combined') return nameOf(summary.zone);
  if (view.combine.length) return t('kind.combined');
  if (view.drawn) return t('query.drawn');
  if (view.buffer) return current() && summary?.zone.kind === 'buffer' ? nameOf(summary.zone) : t('kind.buffer');
  if (view.circle) {
    const n = number(view.circle.radius_m);
    const around = titleOf(picked.value?.properties, pickedFrom());
    return around ? t('scope.circle', { name: around, n }) : t('scope.circle.plain', { n });
  }
  // a zone that is not known, or whose figures did not come, is no whole
  if (view.zone && (!summary || base.problem || !current())) return nameOf(zoneOf(view.zone) ?? { name: view.zone });
  return summary && view.zone && summary.zone.kind !== 'city' ? nameOf(summary.zone) : everywhereName();
}

/** What a column of the comparison is called. */
export const columnName = (id: string): string =>
  id === CITY
    ? everywhereName()
    : (areaOf(id)?.name ?? nameOf(zoneOf(id) ?? now.value?.find((one) => one.id === id)?.summary.zone ?? { name: id }));
