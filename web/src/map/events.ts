// What the reader does on the map: click, hover, move.
import type { Map as GlMap, Point } from 'maplibre-gl';
import { allZones, dataset, role, zoneAlong, zoneOf } from '../state/data.svelte';
import { partitionCollections, zoneCollections } from '../state/description';
import { chooseZone, EVERYWHERE, go, view } from '../state/view.svelte';
import { nameOf } from '../i18n';
import { mapState, type Under } from './mapState.svelte';
import { isShaded } from './shadedZones.svelte';
import { easeTo } from './camera';
import { label } from './styleSync.svelte';
import { LABELS } from './layers';
import { type Target, targets } from './pick';
import { zooms } from './zooms';
import { drawTool } from './drawTool.svelte';

const names = () => ({
  register: dataset.value?.register ?? null,
  platforms: role('platforms'),
  lead: role('lead'),
  layout: role('layout'),
  partition: partitionCollections(dataset.value),
  // areas along lines are chosen by their line
  overlays: zoneCollections(dataset.value).filter((one) => one !== role('layout')),
  zoneAlong: (line: string) => zoneAlong(line)?.id ?? null,
  collectionOf: (zone: string) => zoneOf(zone)?.collection ?? '',
  apart: zooms().apart,
  isZone: (id: string) => zoneOf(id) !== null,
  isShaded,
  areaOf: (id: string) => allZones().find((zone) => zone.id === id)?.area_km2 ?? 0,
});

/** From here on enterprises that are still counted together are in one building: they open as a list. */
const STACKED = 17;

/** What the card under the pointer says. */
function under(target: Target, { x, y }: { x: number; y: number }): Under {
  if (target.what === 'cell') return { x, y, count: target.n, name: '' };
  if (target.what === 'zone') {
    const zone = zoneOf(target.id);
    return { x, y, zone: target.id, name: zone ? nameOf(zone) : target.id };
  }
  const p = target.properties;
  const name = nameOf({ name: String(p.name ?? ''), name_en: p.name_en as string | null });
  return { x, y, item: `${target.collection}:${target.id}`, name, cluster: (p.cluster as string) ?? null };
}

function choose(map: GlMap, target: Target): void {
  mapState.cell = null;
  if (target.what === 'zone') chooseZone(target.id);
  else if (target.what === 'item')
    go({
      item: `${target.collection}:${target.id}`,
      ...(target.collection === role('platforms') ? { ...EVERYWHERE, item: `${target.collection}:${target.id}` } : {}),
    });
  else if (map.getZoom() >= STACKED) mapState.cell = { bounds: target.bounds, n: target.n };
  else easeTo(map, target.lngLat, Math.min(17.5, map.getZoom() + 2), mapState.covered);
}

export function follow(map: GlMap): void {
  mapState.zoom = map.getZoom();
  mapState.lat = map.getCenter().lat;
}

export function listen(map: GlMap): void {
  /** Where the reader clicked last; the card comes back once the pointer has left the place. */
  let chosenAt: Point | null = null;
  let hovered: { source: string; sourceLayer: string; id: string } | null = null;
  const hover = (target: Target | undefined, point?: { x: number; y: number }) => {
    mapState.under = target && point ? under(target, point) : null;
    if (hovered && map.getSource(hovered.source)) map.setFeatureState(hovered, { hover: false });
    hovered = target?.what === 'zone' ? { source: 'shigu', sourceLayer: target.layer, id: target.id } : null;
    if (hovered) map.setFeatureState(hovered, { hover: true });
    map.getCanvas().style.cursor = target ? 'pointer' : '';
  };
  // a drag that ends over a panel ends all the same: its last event comes to the map
  const canvas = map.getCanvas();
  canvas.addEventListener('pointerdown', (event) => {
    if (event.isTrusted && event.pointerType === 'mouse') canvas.setPointerCapture(event.pointerId);
  });
  map.on('idle', () => (mapState.idle = true));
  map.on('dataloading', () => (mapState.idle = false));
  map.on('movestart', () => {
    mapState.idle = false;
    mapState.under = null;
  });
  map.on('style.load', () => (mapState.ready = map.getLayer(LABELS) !== undefined));
  map.on('click', (event) => {
    // the card says what a click would choose; after it the panels do
    chosenAt = event.point;
    hover(undefined);
    if (drawTool.tool && drawTool.tool !== 'edit') return;
    if (mapState.placing) {
      mapState.placed = [event.lngLat.lng, event.lngLat.lat];
      return;
    }
    if (mapState.shaping) return;
    if (mapState.measured) {
      mapState.measured = [...mapState.measured, [event.lngLat.lng, event.lngLat.lat]];
      return;
    }
    let found = targets(map, event.point, names());
    // a hand on the outline means the outline; enterprises can still be looked at
    if (drawTool.tool === 'edit') {
      found = found.filter(
        (one) => one.what === 'cell' || (one.what === 'item' && one.collection !== role('platforms')),
      );
      if (!found.length) return;
    }
    const at = found.findIndex((one) => one.what === 'zone' && one.id === view.zone);
    const next = at === 0 && found.length > 1 ? found[1] : found[0];
    mapState.cell = null;
    if (next && !(next.what === 'zone' && next.id === view.zone)) choose(map, next);
    else if (!next) go(EVERYWHERE);
  });
  let waiting = false;
  map.on('mousemove', (event) => {
    mapState.pointer = [event.lngLat.lng, event.lngLat.lat];
    if (chosenAt && event.point.dist(chosenAt) < 12) return;
    chosenAt = null;
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      if (mapState.ready && !drawTool.tool && !mapState.measured && !mapState.placing && !mapState.shaping && !chosenAt)
        hover(targets(map, event.point, names())[0], event.point);
    });
  });
  map.on('mouseout', () => {
    mapState.pointer = null;
    hover(undefined);
  });
  map.on('move', () => {
    follow(map);
    label(map, 0.12);
  });
  map.on('moveend', () => {
    label(map, 1e-9, true);
    const { lng, lat } = map.getCenter();
    go({ camera: { zoom: map.getZoom(), lat, lon: lng } }, false);
  });
}
