// Draws what was found over the map: outlines with their colours, as long as somebody looks at them.
import type { GeoJSONSource, Map as GlMap } from 'maplibre-gl';
import { LABELS } from './layers';
import { mapInstance, mapState, plainly } from './mapState.svelte';

const SOURCE = 'page-found';
/** A feature as it is drawn; without a colour its outline alone. */
export interface Drawn {
  id: string;
  geometry: unknown;
  colour: string | null;
  line: string;
}

const collection = (all: readonly Drawn[]) => ({
  type: 'FeatureCollection',
  features: all
    .filter((one) => one.geometry)
    .map(({ id, geometry, colour, line }) => ({
      type: 'Feature',
      geometry,
      properties: { id, colour: colour ?? 'rgba(0,0,0,0)', line },
    })),
});

function add(map: GlMap): void {
  map.addSource(SOURCE, { type: 'geojson', data: collection([]) as never });
  // under names and what is chosen, over ground and shading
  const before = map.getStyle().layers.find((layer) => layer.id.startsWith('page-hover-'))?.id ?? LABELS;
  map.addLayer(
    {
      id: `${SOURCE}-fill`,
      type: 'fill',
      source: SOURCE,
      paint: { 'fill-color': ['get', 'colour'], 'fill-opacity': 0.62, 'fill-antialias': false },
    },
    before,
  );
  map.addLayer(
    {
      id: SOURCE,
      type: 'line',
      source: SOURCE,
      paint: { 'line-color': ['get', 'line'], 'line-width': 1.4 },
    },
    before,
  );
  map.addLayer({
    id: `${SOURCE}-pointed`,
    type: 'line',
    source: SOURCE,
    filter: ['==', ['get', 'id'], ''],
    paint: { 'line-color': ['get', 'line'], 'line-width': 4 },
  });
}

function remove(map: GlMap): void {
  for (const layer of [`${SOURCE}-pointed`, SOURCE, `${SOURCE}-fill`]) if (map.getLayer(layer)) map.removeLayer(layer);
  if (map.getSource(SOURCE)) map.removeSource(SOURCE);
}

class Overlay {
  drawn = $state.raw<readonly Drawn[]>([]);
  pointed = $state<string | null>(null);
}
/** What the picture of plain mode has laid over it. */
export const overlay = new Overlay();

/** Keeps the features on the map; call in a component that stands while they are looked at. */
export function followDrawn(drawn: () => readonly Drawn[], pointed: () => string | null): void {
  $effect(() => {
    const map = mapInstance.map;
    if (!mapState.ready || !map) return;
    if (!map.getSource(SOURCE)) add(map);
    void (map.getSource(SOURCE) as GeoJSONSource).setData(collection(drawn()) as never);
  });
  $effect(() => {
    const [map, id] = [mapInstance.map, pointed()];
    if (mapState.ready && map?.getLayer(`${SOURCE}-pointed`))
      map.setFilter(`${SOURCE}-pointed`, ['==', ['get', 'id'], id ?? '']);
  });
  $effect(() => {
    overlay.drawn = plainly() ? drawn() : [];
    overlay.pointed = pointed();
  });
  $effect(() => () => (overlay.drawn = []));
  $effect(() => () => {
    if (mapInstance.map && mapState.ready) remove(mapInstance.map);
  });
}
