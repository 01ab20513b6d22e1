// Draws a reader's own points over everything else of the map: dots, and their names where these find room.
import type { GeoJSONSource, Map as GlMap, MapLayerMouseEvent } from 'maplibre-gl';
import { lang, theme } from '../state/view.svelte';
import { mapInstance, mapState } from './mapState.svelte';
import { palette } from './palette';
import { FONTS } from './symbols';

const SOURCE = 'page-own-points';
const RING = `${SOURCE}-ring`;
const NAMES = `${SOURCE}-names`;
/** From here on names are drawn. */
const NAMED = 9;

export interface Dot {
  place: number;
  name: string;
  at: readonly [number, number];
}

function add(map: GlMap): void {
  const c = palette[theme()];
  map.addSource(SOURCE, { type: 'geojson', data: { type: 'FeatureCollection', features: [] } });
  map.addLayer({
    id: SOURCE,
    type: 'circle',
    source: SOURCE,
    paint: {
      'circle-radius': ['interpolate', ['linear'], ['zoom'], 8, 4, 13, 6],
      'circle-color': c.own,
      'circle-stroke-color': c.halo,
      'circle-stroke-width': 1.5,
    },
  });
  map.addLayer({
    id: RING,
    type: 'circle',
    source: SOURCE,
    filter: ['==', ['get', 'place'], -1],
    paint: { 'circle-radius': 11, 'circle-opacity': 0, 'circle-stroke-color': c.own, 'circle-stroke-width': 2.5 },
  });
  map.addLayer({
    id: NAMES,
    type: 'symbol',
    source: SOURCE,
    minzoom: NAMED,
    layout: {
      'text-field': ['get', 'name'],
      'text-size': 12,
      'text-font': FONTS[lang()],
      'text-variable-anchor': ['left', 'right', 'top', 'bottom'],
      'text-radial-offset': 0.8,
      'text-max-width': 16,
    },
    paint: { 'text-color': c.own, 'text-halo-color': c.halo, 'text-halo-width': 1.6 },
  });
}

function remove(map: GlMap): void {
  for (const layer of [NAMES, RING, SOURCE]) if (map.getLayer(layer)) map.removeLayer(layer);
  if (map.getSource(SOURCE)) map.removeSource(SOURCE);
}

/** Keeps the dots on the map and says which one the pointer is on; call in a component that stands while there are any. */
export function followDots(
  dots: () => readonly Dot[],
  pointed: () => number | null,
  point: (place: number | null) => void,
): void {
  $effect(() => {
    const map = mapInstance.map;
    const features = dots().map(({ at, name, place }) => ({
      type: 'Feature' as const,
      geometry: { type: 'Point' as const, coordinates: [...at] },
      properties: { name, place },
    }));
    if (!mapState.ready || !map) return;
    if (!map.getSource(SOURCE)) add(map);
    void (map.getSource(SOURCE) as GeoJSONSource).setData({ type: 'FeatureCollection', features });
  });
  $effect(() => {
    const [map, place] = [mapInstance.map, pointed()];
    if (mapState.ready && map?.getLayer(RING)) map.setFilter(RING, ['==', ['get', 'place'], place ?? -1]);
  });
  $effect(() => {
    const map = mapInstance.map;
    if (!mapState.ready || !map) return;
    /** Whether clicks and cards are this layer's while the pointer is on a dot. */
    let on = false;
    const over = (event: MapLayerMouseEvent) => {
      const place = event.features?.[0]?.properties.place as number | undefined;
      if (place === undefined || (mapState.shaping && !on)) return;
      on = true;
      mapState.shaping = true;
      mapState.under = null;
      map.getCanvas().style.cursor = 'pointer';
      point(place);
    };
    const out = () => {
      if (!on) return;
      on = false;
      mapState.shaping = false;
      map.getCanvas().style.cursor = '';
      point(null);
    };
    map.on('mousemove', SOURCE, over);
    map.on('mouseleave', SOURCE, out);
    map.on('click', SOURCE, over);
    return () => {
      out();
      map.off('mousemove', SOURCE, over);
      map.off('mouseleave', SOURCE, out);
      map.off('click', SOURCE, over);
    };
  });
  $effect(() => () => {
    if (mapInstance.map && mapState.ready) remove(mapInstance.map);
  });
}
