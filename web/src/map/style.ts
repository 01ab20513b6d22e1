// Makes the server's style this page's own: tile addresses with year and cluster, the page's layers put in place.
import { address } from '../api/http';
import type { StyleLayer, StyleSource, StyleSpecification } from '../api/style';
import type { Layer } from '../state/url';

export const REGISTER = 'shigu-register';

/** The tile address of one source: only the collections it draws, and for the register the filter. */
function tiles(
  template: string,
  keep: (collection: string) => boolean,
  filter: Record<string, string | number | null>,
): string {
  const absolute = address(
    template.replace(/[{}]/g, (brace) => (brace === '{' ? '%7B' : '%7D')),
    filter,
  );
  return absolute
    .replace(/%7B/gi, '{')
    .replace(/%7D/gi, '}')
    .replace(
      /\/xyz\/([^/]+)\//,
      (_, list: string) => `/xyz/${decodeURIComponent(list).split(',').filter(keep).join(',')}/`,
    );
}

export interface Choice {
  register: string | null;
  year: number | null;
  cluster: string | null;
  filter: string | null;
}
let template = '';
export const registerTiles = (choice: Choice): string[] => [
  tiles(template, (collection) => collection === choice.register, {
    year: choice.year,
    cluster: choice.cluster,
    filter: choice.filter,
  }),
];

/** Splits the server's one source in two, so that a change of filter reloads the enterprises only. */
export function prepare(style: StyleSpecification, choice: Choice): StyleSpecification {
  const source = style.sources.shigu!;
  template = source.tiles?.[0] ?? '';
  const sources: Record<string, StyleSource> = {
    ...style.sources,
    shigu: {
      ...source,
      promoteId: 'fid',
      tiles: [tiles(template, (collection) => collection !== choice.register, {})],
    },
    [REGISTER]: { ...source, tiles: registerTiles(choice), attribution: undefined },
  };
  delete sources[REGISTER]!.attribution;
  const layers = style.layers.map((layer) =>
    layer['source-layer'] === choice.register ? { ...layer, source: REGISTER } : layer,
  );
  return { ...style, sources, layers };
}

/** Which switch of the left panel a layer of the server's style obeys; null when it is always on. */
export function switchOf(layer: StyleLayer): Layer | null {
  const from = layer['source-layer'] ?? '';
  if (/^(axis|belt)/.test(layer.id)) return layer.id.startsWith('axis') ? 'axis' : 'belt';
  if (/^nodes/.test(layer.id) || from === 'platforms') return 'nodes';
  if (/^corridor/.test(layer.id) || from === 'platform-zones') return 'areas';
  if (from === 'lead-enterprises') return 'lead';
  if (from.startsWith('water')) return 'water';
  if (layer.id === 'districts-line') return 'districts';
  return null;
}

/** Puts one layer right under another: labels of lower layers then keep clear of it. */
export function raise(layers: StyleLayer[], id: string, under: string, change: Partial<StyleLayer>): StyleLayer[] {
  const moved = layers.find((layer) => layer.id === id);
  if (!moved || !layers.some((layer) => layer.id === under)) return layers;
  const made = { ...moved, ...change, layout: { ...moved.layout, ...change.layout } };
  return layers.filter((layer) => layer !== moved).flatMap((layer) => (layer.id === under ? [made, layer] : [layer]));
}

/** What a layer's paint calls its opacity. */
export const OPACITIES: Record<string, readonly string[]> = {
  fill: ['fill-opacity'],
  line: ['line-opacity'],
  circle: ['circle-opacity', 'circle-stroke-opacity'],
  symbol: ['icon-opacity', 'text-opacity'],
};
/** An opacity, a number or steps along the zoom, times a share. */
export function faded(value: unknown, share: number): unknown {
  if (typeof value === 'number' || value === undefined) return (value ?? 1) * share;
  if (!Array.isArray(value)) return value;
  const [kind, ...rest] = value as unknown[];
  // the outputs stand last in each pair: after the zoom of a stop, or first of all
  if (kind === 'interpolate')
    return [kind, rest[0], rest[1], ...rest.slice(2).map((part, i) => (i % 2 ? faded(part, share) : part))];
  if (kind === 'step') return [kind, rest[0], ...rest.slice(1).map((part, i) => (i % 2 ? part : faded(part, share)))];
  return ['*', value, share];
}

/** Puts layers right after the last layer that `below` accepts. */
export function insertAfter(
  layers: StyleLayer[],
  below: (layer: StyleLayer) => boolean,
  added: StyleLayer[],
): StyleLayer[] {
  const at = layers.findLastIndex(below) + 1;
  return [...layers.slice(0, at), ...added, ...layers.slice(at)];
}
