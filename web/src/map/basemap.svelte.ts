// The base map under everything else: tiles of the intranet or a PMTiles file of our own; blank where there is none.
import { addProtocol, type Map as GlMap, type StyleSpecification as GlStyle } from 'maplibre-gl';
import { address } from '../api/http';
import type { Basemap } from '../api/types';
import type { StyleLayer, StyleSource } from '../api/style';
import type { Theme } from '../state/url';
import { shadeLayer, shadeOpacity } from './layers';
import { zooms } from './zooms';

const SOURCE = 'basemap';
/** Whether the base map was given up; `false` again asks anew. */
export const ground = $state({ failed: false });
/** Tiles that failed one after the other before the base map counts as lost. */
const ENOUGH = 3;

/** Reads PMTiles; loaded only where such a file is set. */
let reader: Promise<void> | null = null;
function readPmtiles(): Promise<void> {
  reader ??= import('pmtiles').then(({ Protocol }) => addProtocol('pmtiles', new Protocol().tile));
  return reader;
}

/** What must be there before a style with a file of our own is set. */
export const groundReady = (): Promise<void> => readPmtiles().catch(() => void (ground.failed = true));

const INK = {
  light: { earth: '#f4f3ee', water: '#cfe0ea', green: '#e6ecdd', built: '#e9e6df', road: '#ffffff', border: '#b5b8bb' },
  dark: { earth: '#151b24', water: '#1d3444', green: '#18231f', built: '#1b222c', road: '#2b3542', border: '#4a545f' },
} as const;

/** Quiet layers for vector tiles in the layers of Protomaps. */
function vector(theme: Theme): StyleLayer[] {
  const c = INK[theme];
  const fill = (layer: string, colour: string): StyleLayer => ({
    id: `${SOURCE}-${layer}`,
    type: 'fill',
    source: SOURCE,
    'source-layer': layer,
    paint: { 'fill-color': colour },
  });
  return [
    fill('earth', c.earth),
    {
      ...fill('landuse', c.green),
      filter: ['match', ['get', 'kind'], ['forest', 'wood', 'park', 'grass', 'nature_reserve'], true, false],
    },
    fill('water', c.water),
    { ...fill('buildings', c.built), minzoom: 13 },
    {
      id: `${SOURCE}-roads`,
      type: 'line',
      source: SOURCE,
      'source-layer': 'roads',
      paint: {
        'line-color': c.road,
        'line-width': ['interpolate', ['exponential', 1.6], ['zoom'], 7, 0.4, 12, 1.4, 16, 7],
      },
    },
    {
      id: `${SOURCE}-boundaries`,
      type: 'line',
      source: SOURCE,
      'source-layer': 'boundaries',
      paint: { 'line-color': c.border, 'line-width': 0.8, 'line-dasharray': [3, 2] },
    },
  ];
}

/** The style with the base map below all its layers; fills that would cover it wholly then let it through. */
export function withGround(
  style: GlStyle,
  base: Basemap | null | undefined,
  theme: Theme,
  covering: (layer: StyleLayer) => boolean,
): GlStyle {
  if (!base) return style;
  const raster = base.kind !== 'pmtiles-vector';
  const url = base.kind === 'tiles' ? { tiles: [base.url] } : { url: `pmtiles://${address(base.url)}` };
  const source: StyleSource = {
    type: raster ? 'raster' : 'vector',
    ...url,
    minzoom: base.zooms[0],
    maxzoom: base.zooms[1],
    ...(raster ? { tileSize: 256 } : {}),
  };
  const dimmed =
    theme === 'dark' ? { 'raster-brightness-max': 0.45, 'raster-saturation': -0.4 } : { 'raster-saturation': -0.25 };
  const below: StyleLayer[] = raster ? [{ id: SOURCE, type: 'raster', source: SOURCE, paint: dimmed }] : vector(theme);
  const layers = (style.layers as unknown as StyleLayer[]).map((layer) => (covering(layer) ? thin(layer) : layer));
  const at = layers.findIndex((layer) => layer.type === 'background') + 1;
  return {
    ...style,
    sources: { ...style.sources, [SOURCE]: source },
    layers: [...layers.slice(0, at), ...below, ...layers.slice(at)],
  } as unknown as GlStyle;
}

const thin = (layer: StyleLayer): StyleLayer =>
  layer.type === 'fill'
    ? {
        ...layer,
        paint: {
          ...layer.paint,
          'fill-opacity':
            layer.id === shadeLayer(layer['source-layer'] ?? '') ? shadeOpacity(0.55, zooms().apart) : 0.15,
        },
      }
    : layer;

/** Counts tiles that don't come; after a few in a row the map goes on without. */
export function watchGround(map: GlMap): void {
  let failed = 0;
  map.on('error', (event) => {
    if ((event as unknown as { sourceId?: string }).sourceId !== SOURCE) return;
    failed += 1;
    if (failed < ENOUGH) return;
    failed = 0;
    ground.failed = true;
  });
  map.on('data', (event) => {
    const data = event as unknown as { sourceId?: string; tile?: { state?: string } };
    if (data.sourceId === SOURCE && data.tile?.state === 'loaded') failed = 0;
  });
}
