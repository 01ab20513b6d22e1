// How vector tiles of the ground are drawn: quiet, below everything else; names above fills and below our own names. The
// layers are those of Protomaps (version 4), which `shigu basemap` writes.
import type { StyleLayer } from '../api/style';
import type { Lang, Theme } from '../state/url';
import { FONTS } from './symbols';

const INK = {
  light: {
    earth: '#f4f3ee',
    water: '#cfe0ea',
    green: '#e6ecdd',
    built: '#ebe7e3',
    building: '#e0dcd6',
    road: '#ffffff',
    casing: '#d9d5cd',
    rail: '#b9b4aa',
    border: '#b5b8bb',
    name: '#7a7469',
    waterName: '#5b7f96',
    halo: '#f8f7f3',
  },
  dark: {
    earth: '#151b24',
    water: '#1d3444',
    green: '#18231f',
    built: '#1b222c',
    building: '#232b36',
    road: '#2f3a47',
    casing: '#12171f',
    rail: '#3d4653',
    border: '#4a545f',
    name: '#7f8996',
    waterName: '#5f8aa5',
    halo: '#12171f',
  },
} as const;

const layer = (source: string, name: string, type: string, rest: Partial<StyleLayer>): StyleLayer =>
  ({ id: `${source}-${name}`, type, source, ...rest }) as StyleLayer;
const kinds = (...of: string[]) => ['match', ['get', 'kind'], of, true, false];
const width = (...stops: number[]) => ['interpolate', ['exponential', 1.6], ['zoom'], ...stops];

/** Everything but names, the lowest first. */
export function below(theme: Theme, tiles: string): StyleLayer[] {
  const c = INK[theme];
  const fill = (name: string, source: string, color: string, rest: Partial<StyleLayer> = {}) =>
    layer(tiles, name, 'fill', { 'source-layer': source, paint: { 'fill-color': color }, ...rest });
  const line = (name: string, source: string, paint: Record<string, unknown>, rest: Partial<StyleLayer> = {}) =>
    layer(tiles, name, 'line', {
      'source-layer': source,
      layout: { 'line-cap': 'round', 'line-join': 'round' },
      paint,
      ...rest,
    });
  const roads = [
    { name: 'path', filter: kinds('path'), stops: [13, 0.4, 18, 2.5] },
    { name: 'minor', filter: kinds('minor_road', 'other'), stops: [12, 0.4, 14, 1.2, 18, 9] },
    { name: 'major', filter: kinds('major_road'), stops: [7, 0.3, 12, 1.4, 18, 16] },
    { name: 'highway', filter: kinds('highway'), stops: [5, 0.4, 12, 2.2, 18, 20] },
  ];
  const wider = (stops: number[]) => stops.map((v, i) => (i % 2 ? v + 1.2 : v));
  return [
    fill('earth', 'earth', c.earth, { filter: ['==', ['geometry-type'], 'Polygon'] }),
    fill('built', 'landuse', c.built, {
      filter: kinds(
        'industrial',
        'commercial',
        'residential',
        'railway',
        'aerodrome',
        'university',
        'hospital',
        'school',
      ),
      minzoom: 10,
    }),
    fill('landuse', 'landuse', c.green, {
      filter: kinds(
        ...['forest', 'wood', 'park', 'grass', 'grassland', 'meadow', 'nature_reserve', 'national_park', 'wetland'],
        ...['scrub', 'golf_course', 'cemetery', 'orchard', 'pitch', 'recreation_ground'],
      ),
    }),
    fill('water', 'water', c.water, { filter: ['==', ['geometry-type'], 'Polygon'] }),
    line(
      'waterway',
      'water',
      { 'line-color': c.water, 'line-width': width(8, 0.6, 14, 2.5, 18, 8) },
      { filter: ['==', ['geometry-type'], 'LineString'] },
    ),
    fill('buildings', 'buildings', c.building, { minzoom: 13 }),
    ...roads
      .slice(1)
      .map(({ name, filter, stops }) =>
        line(
          `${name}-casing`,
          'roads',
          { 'line-color': c.casing, 'line-width': width(...wider(stops)) },
          { filter, minzoom: 11 },
        ),
      ),
    line('rail', 'roads', { 'line-color': c.rail, 'line-width': width(8, 0.5, 16, 2) }, { filter: kinds('rail') }),
    ...roads.map(({ name, filter, stops }) =>
      line(name, 'roads', { 'line-color': c.road, 'line-width': width(...stops) }, { filter }),
    ),
    line('boundaries', 'boundaries', {
      'line-color': c.border,
      'line-width': 0.8,
      'line-dasharray': [3, 2],
    }),
  ];
}

/** Names of places, roads and waters. */
export function names(theme: Theme, lang: Lang, tiles: string): StyleLayer[] {
  const c = INK[theme];
  const field =
    lang === 'zh'
      ? ['coalesce', ['get', 'name:zh'], ['get', 'name'], ['get', 'name:en']]
      : ['coalesce', ['get', 'name:en'], ['get', 'name']];
  const text = (name: string, source: string, color: string, size: unknown, rest: Partial<StyleLayer>) =>
    layer(tiles, name, 'symbol', {
      'source-layer': source,
      paint: { 'text-color': color, 'text-halo-color': c.halo, 'text-halo-width': 1.2 },
      ...rest,
      layout: { 'text-field': field, 'text-font': FONTS[lang], 'text-size': size, ...rest.layout },
    });
  const along = { 'symbol-placement': 'line', 'text-max-angle': 30, 'symbol-spacing': 320 };
  const sized = ['interpolate', ['linear'], ['zoom'], 8, 10, 14, 13];
  return [
    text('road-names', 'roads', c.name, sized, {
      minzoom: 12,
      filter: kinds('highway', 'major_road', 'minor_road'),
      layout: along,
    }),
    text('river-names', 'water', c.waterName, sized, {
      minzoom: 10,
      filter: ['==', ['geometry-type'], 'LineString'],
      layout: along,
    }),
    text('water-names', 'water', c.waterName, sized, {
      minzoom: 10,
      filter: ['!=', ['geometry-type'], 'LineString'],
    }),
    text('places', 'places', c.name, ['interpolate', ['linear'], ['zoom'], 6, 11, 14, 14], {
      layout: {
        'symbol-sort-key': ['match', ['get', 'kind_detail'], 'city', 0, 'town', 1, 'borough', 2, 'suburb', 3, 4],
        'text-padding': 4,
        'text-max-width': 8,
      },
    }),
  ];
}
