// What a search result leads to: a zone, or an item; and one result for things that are the same place.
import type { Hit } from '../../api/types';
import { layout, role, zoneAlong, zoneOf } from '../../state/data.svelte';

export interface Aim {
  zone: string | null;
  item: string;
}
/** A line of the layout leads to the zone along it, a node to its platform, and a platform with an area to that area. */
export function targetOf(hit: Hit): Aim {
  const platforms = role('platforms');
  const node = layout.value?.features.find((one) => one.id === hit.id && hit.collection === role('layout'));
  const platform = node?.properties.platform as string | null | undefined;
  const id = platform ?? (hit.collection === platforms ? hit.id : null);
  const along = node ? zoneAlong(hit.id) : null;
  return {
    zone: hit.zone ?? along?.id ?? (id ? (zoneOf(id)?.id ?? null) : null),
    item: id && platforms ? `${platforms}:${id}` : `${hit.collection}:${hit.id}`,
  };
}
export function distinct(hits: readonly Hit[]): Hit[] {
  const keys = hits.map((hit) => targetOf(hit)).map((aim) => aim.zone ?? aim.item);
  return hits.filter((_, i) => keys.indexOf(keys[i]!) === i);
}
