// The zones that are shaded and named on the live map now.
import { dataset, zoneOf, zonesByKind } from '../state/data.svelte';
import { zoneCollections } from '../state/description';
import { mapState } from './mapState.svelte';
import { settled } from './settled.svelte';
import { around, levelAt, levels, type Shaded } from './shaded';
import { zooms } from './zooms';

/** The level that the zoom is for; it changes seldom, the zoom always. */
const level = $derived.by((): string | null => {
  const kinds = zonesByKind();
  const known = kinds.filter(({ kind, zones }) => kind.districts || zones.length >= kind.count).map((one) => one.kind);
  return levelAt(known, mapState.zoom, zooms().whole)?.id ?? null;
});
const now = $derived.by((): Shaded => {
  const kinds = zonesByKind();
  const chosen = around(kinds, zoneOf(settled.zone));
  if (chosen) return chosen;
  const own = kinds.find((one) => one.kind.id === level);
  if (own) return own;
  // without a partition names are all there is to say of zones
  const top = kinds.filter((one) => !one.kind.parent);
  return { kind: top[0]?.kind ?? null, zones: top.flatMap((one) => [...one.zones]) };
});
export const shaded = (): Shaded => now;

/** The collections of all levels: each has a layer of its own to be shaded. */
export const shadedCollections = (): string[] => {
  const line = levels(dataset.value?.zone_kinds ?? []).flatMap((one) => one.collections);
  return line.length ? line : zoneCollections(dataset.value);
};
const ids = $derived(new Set(now.zones.map((zone) => zone.id)));
/** Whether a zone is one of those: a click from afar means them. */
export const isShaded = (id: string): boolean => ids.has(id);
