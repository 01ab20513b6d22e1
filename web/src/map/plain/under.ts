// What lies under a point of the picture: symbols that the page knows, then what the server says is there.
import * as api from '../../api/shigu';
import type { Feature } from '../../api/types';
import { dataset, layout, platforms, role, zoneOf } from '../../state/data.svelte';
import { clusterColumn, partitionCollections, zoneCollections } from '../../state/description';
import { isDrawn, isKindDrawn } from '../servedStyle.svelte';
import { chooseZone, EVERYWHERE, go, view } from '../../state/view.svelte';
import { clickOrder } from '../shaded';
import { isShaded } from '../shadedZones.svelte';
import { zooms } from '../zooms';
import { at, offset, type Stance } from './position';

const NEAR = 14;
export interface Under {
  zone?: string;
  item?: string;
  /** Several enterprises at the point: come nearer. */
  nearer?: boolean;
}

function symbolAt(stance: Stance, dx: number, dy: number): Under | null {
  const platformsId = role('platforms');
  const distance = (one: Feature): number => {
    if (one.geometry?.type !== 'Point') return Infinity;
    const there = offset(stance, one.geometry.coordinates as [number, number]);
    return Math.hypot(there.dx - dx, there.dy - dy);
  };
  const isSeen = (one: Feature): boolean => isKindDrawn(role('layout') ?? '', String(one.properties.kind));
  const known = [
    ...(layout.value?.features ?? []).filter((one) => one.properties.platform && isSeen(one)),
    ...(stance.zoom >= 9.5 + zooms().shift && platformsId && isDrawn(platformsId)
      ? (platforms.value?.features ?? [])
      : []),
  ];
  const nearest = known.map((one) => ({ one, far: distance(one) })).sort((a, b) => a.far - b.far)[0];
  if (!nearest || nearest.far > NEAR) return null;
  const id = String(nearest.one.properties.platform ?? nearest.one.id);
  return zoneOf(id) ? { zone: id } : platformsId ? { item: `${platformsId}:${id}` } : null;
}

async function firmAt(stance: Stance, dx: number, dy: number, signal: AbortSignal): Promise<Under | null> {
  const register = dataset.value?.register;
  if (!register || stance.zoom < 13 + zooms().shift) return null;
  const [west, south] = at(stance, dx - 9, dy + 9);
  const [east, north] = at(stance, dx + 9, dy - 9);
  const found = await api.items(
    register,
    {
      bbox: [west, south, east, north].map((n) => n.toFixed(6)).join(','),
      limit: 2,
      [clusterColumn(dataset.value)]: view.cluster,
      filter: view.filter,
    },
    signal,
  );
  if (!found.features.length) return null;
  return found.features.length > 1 && stance.zoom < 17.5
    ? { nearer: true }
    : { item: `${register}:${found.features[0]!.id}` };
}

async function zoneAt(stance: Stance, dx: number, dy: number, signal: AbortSignal): Promise<Under | null> {
  const [lon, lat] = at(stance, dx, dy);
  // areas along lines are chosen by their line
  const collections = zoneCollections(dataset.value).filter((one) => one !== role('layout'));
  const parts = partitionCollections(dataset.value);
  const filter = `S_INTERSECTS(geometry,POINT(${lon.toFixed(6)} ${lat.toFixed(6)}))`;
  const answers = await Promise.all(
    collections.map((collection) => api.items(collection, { filter, limit: 20 }, signal)),
  );
  const found = answers.flatMap((answer) => answer.features).flatMap((one) => zoneOf(one.id) ?? []);
  const far = stance.zoom < zooms().apart;
  const order = (zone: (typeof found)[number]) =>
    clickOrder(far, isShaded(zone.id), parts.includes(zone.collection ?? ''), zone.area_km2 ?? 0);
  const sorted = found.sort((a, b) => order(a) - order(b));
  const first = sorted[0]?.id === view.zone && sorted.length > 1 ? sorted[1] : sorted[0];
  return first ? { zone: first.id } : null;
}

/** The first of: a symbol, an enterprise, a zone. */
export async function under(stance: Stance, dx: number, dy: number, signal: AbortSignal): Promise<Under> {
  return (
    symbolAt(stance, dx, dy) ?? (await firmAt(stance, dx, dy, signal)) ?? (await zoneAt(stance, dx, dy, signal)) ?? {}
  );
}

/** Makes it the reader's choice. */
export function choose(found: Under): void {
  if (found.zone) chooseZone(found.zone);
  else if (found.item) go({ ...(found.item.startsWith(`${role('platforms')}:`) ? EVERYWHERE : {}), item: found.item });
  else if (!found.nearer) go(EVERYWHERE);
}
