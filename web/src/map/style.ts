// Makes the server's style this page's own: tile addresses with period and cluster, the page's layers put in place.
import { address } from '../api/http';
import { asParameter, type Period } from '../api/period';
import type { StyleLayer, StyleSource, StyleSpecification } from '../api/style';

export const REGISTER = 'shigu-register';

/** The tile address of one source: only the collections it draws, and for the register the filter. */
function tiles(
  template: string,
  keep: (collection: string) => boolean,
  filter: Record<string, string | number | null | undefined>,
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
  period: Period | null;
  cluster: string | null;
  /** The property of the register that holds the cluster. */
  clusterProperty: string;
  /** How classes are read: parameters of the service. */
  classes: Record<string, string | undefined>;
  filter: string | null;
}
let template = '';
export const registerTiles = (choice: Choice): string[] => [
  tiles(template, (collection) => collection === choice.register, {
    ...asParameter(choice.period),
    [choice.clusterProperty]: choice.cluster,
    filter: choice.filter,
    ...choice.classes,
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

/** The layer group that a layer of the server's style obeys; null when it is always on. */
export const groupOf = (layer: StyleLayer): string | null => {
  const group = layer.metadata?.['shigu:group'];
  return typeof group === 'string' ? group : null;
};
/** The collection that a layer draws; names have tiles of their own. */
export const drawnFrom = (layer: StyleLayer): string => (layer['source-layer'] ?? '').replace(/-label$/, '');
/** The layer groups that a collection is drawn in; none where it is always on. */
export const groupsOf = (layers: readonly StyleLayer[], collection: string): string[] => [
  ...new Set(layers.filter((layer) => drawnFrom(layer) === collection).flatMap((layer) => groupOf(layer) ?? [])),
];
/** The layer group of the features of a collection whose property `kind` has a value. */
export function groupOfKind(layers: readonly StyleLayer[], collection: string, kind: string): string | null {
  const own = layers.filter((layer) => drawnFrom(layer) === collection && groupOf(layer) !== null);
  const only = own.find((layer) =>
    JSON.stringify(layer.filter ?? null).includes(`["get","kind"],${JSON.stringify(kind)}`),
  );
  const any = own.find((layer) => !JSON.stringify(layer.filter ?? null).includes('["get","kind"]'));
  const layer = only ?? any;
  return layer ? groupOf(layer) : null;
}
/** Whether a layer draws spots of several enterprises: a circle, the ring about it, or the number in it. */
export const isCell = (layer: StyleLayer, register: string | null): boolean =>
  register !== null && layer['source-layer'] === register && JSON.stringify(layer.filter ?? null) === '["has","n"]';

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
