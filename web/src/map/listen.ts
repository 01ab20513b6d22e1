// What the reader does on the map: click, hover, move.
import type { Map as GlMap } from 'maplibre-gl';
import { allZones, dataset, role, zoneOf } from '../state/data.svelte';
import { chooseZone, go, view } from '../state/view.svelte';
import { atlas } from './atlas.svelte';
import { easeTo } from './camera';
import { label } from './draw.svelte';
import { SHADE } from './layers';
import { type Target, targets } from './pick';

const names = () => ({
  register: dataset.value?.register ?? null,
  platforms: role('platforms'),
  lead: role('lead'),
  isZone: (id: string) => zoneOf(id) !== null,
  areaOf: (id: string) => allZones().find((zone) => zone.id === id)?.area_km2 ?? 0,
});

function choose(map: GlMap, target: Target): void {
  atlas.cell = null;
  if (target.what === 'zone') chooseZone(target.id);
  else if (target.what === 'item') go({ item: `${target.collection}:${target.id}`, ...(target.collection === role('platforms') ? { zone: null, circle: null } : {}) });
  else if (map.getZoom() >= 17) atlas.cell = { lngLat: target.lngLat, n: target.n };
  else easeTo(map, target.lngLat, Math.min(17.5, map.getZoom() + 2));
}

export function follow(map: GlMap): void {
  atlas.zoom = map.getZoom();
  atlas.lat = map.getCenter().lat;
}

export function listen(map: GlMap): void {
  let hovered: { source: string; sourceLayer: string; id: string } | null = null;
  const hover = (target: Target | undefined) => {
    if (hovered && map.getSource(hovered.source)) map.setFeatureState(hovered, { hover: false });
    hovered = target?.what === 'zone' ? { source: 'shigu', sourceLayer: target.layer, id: target.id } : null;
    if (hovered) map.setFeatureState(hovered, { hover: true });
    map.getCanvas().style.cursor = target ? 'pointer' : '';
  };
  map.on('idle', () => (atlas.idle = true));
  map.on('dataloading', () => (atlas.idle = false));
  map.on('movestart', () => (atlas.idle = false));
  map.on('style.load', () => (atlas.ready = map.getLayer(SHADE) !== undefined));
  map.on('click', (event) => {
    const found = targets(map, event.point, names());
    const at = found.findIndex((one) => one.what === 'zone' && one.id === view.zone);
    const next = at === 0 && found.length > 1 ? found[1] : found[0];
    atlas.cell = null;
    if (next && !(next.what === 'zone' && next.id === view.zone)) choose(map, next);
    else if (!next) go({ zone: null, item: null, circle: null });
  });
  let waiting = false;
  map.on('mousemove', (event) => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      if (atlas.ready) hover(targets(map, event.point, names())[0]);
    });
  });
  map.on('mouseout', () => hover(undefined));
  map.on('move', () => {
    follow(map);
    label(map, 0.12);
  });
  map.on('moveend', () => {
    label(map, 1e-9);
    const { lng, lat } = map.getCenter();
    go({ camera: { zoom: map.getZoom(), lat, lon: lng } }, false);
  });
}

