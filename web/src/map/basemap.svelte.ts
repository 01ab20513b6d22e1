// The base map under everything else: tiles of the intranet or a PMTiles file of our own; blank where there is none.
import { addProtocol, type Map as GlMap, type StyleSpecification as GlStyle } from 'maplibre-gl';
import { address } from '../api/http';
import type { Basemap } from '../api/types';
import type { StyleLayer, StyleSource } from '../api/style';
import type { Lang, Theme } from '../state/url';
import { shadeLayer, shadeOpacity } from './layers';
import { zooms } from './zooms';

/** Whether the base map was given up; `false` again asks anew. */
export const ground = $state({ failed: false });
/** Tiles that failed one after the other before the base map counts as lost. */
const ENOUGH = 3;

/** The source of the base map's tiles, and of names that a service has apart. */
const SOURCE = 'basemap';
const NAMES = 'basemap-names';
/** Where it ends it fades into the ground: its end is no coast. */
const END = 'basemap-end';

/** Reads PMTiles and draws vector tiles; loaded only where such a file is set. */
let drawing: typeof import('./basemapLayers') | null = null;
let reader: Promise<void> | null = null;
function readPmtiles(): Promise<void> {
  reader ??= Promise.all([import('pmtiles'), import('./basemapLayers')]).then(([{ Protocol }, layers]) => {
    addProtocol('pmtiles', new Protocol().tile);
    drawing = layers;
  });
  return reader;
}

/** What must be there before a style with a file of our own is set. */
export const groundReady = (): Promise<void> => readPmtiles().catch(() => void (ground.failed = true));

/** The style with the base map below all its layers and the names of places above its fills; fills that would cover the base
 * map wholly then let it through. */
export function withGround(
  style: GlStyle,
  base: Basemap | null | undefined,
  theme: Theme,
  lang: Lang,
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
  const picture = (id: string, paint: StyleLayer['paint']): StyleLayer => ({ id, type: 'raster', source: id, paint });
  const below = raster ? [picture(SOURCE, dimmed)] : (drawing?.below(theme, SOURCE) ?? []);
  const above = raster ? (base.labels ? [picture(NAMES, {})] : []) : (drawing?.names(theme, lang, SOURCE) ?? []);
  const layers = (style.layers as unknown as StyleLayer[])
    // where a background of the data ends the base map goes on
    .filter((layer) => !layer.metadata?.['shigu:fading'])
    .map((layer) => (covering(layer) ? thin(layer) : layer));
  const at = layers.findIndex((layer) => layer.type === 'background') + 1;
  // our own names and symbols lie above, and where there is room for one name only, ours stands
  const symbols = layers.findIndex((layer) => layer.type === 'symbol' || layer.type === 'circle');
  const over = Math.max(at, symbols < 0 ? layers.length : symbols);
  const apart: Record<string, StyleSource> = base.labels ? { [NAMES]: { ...source, tiles: [base.labels] } } : {};
  const end: StyleLayer[] = [];
  if (base.fading) {
    apart[END] = { type: 'geojson', data: base.fading };
    const colour = layers[at - 1]?.paint?.['background-color'];
    const paint = { 'fill-color': colour, 'fill-opacity': ['get', 'opacity'], 'fill-antialias': false };
    end.push({ id: END, type: 'fill', source: END, paint });
  }
  return {
    ...style,
    sources: { ...style.sources, [SOURCE]: source, ...apart },
    layers: [...layers.slice(0, at), ...below, ...end, ...layers.slice(at, over), ...above, ...layers.slice(over)],
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
