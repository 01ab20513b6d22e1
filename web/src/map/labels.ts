// Zone labels with counts, kept apart at every zoom, and the shading by count.
import type { Geometry } from 'geojson';
import type { ZoneRow } from '../api/types';
import { circleCorners } from '../state/outline';
import { classes, type Class } from './classes';
import type { Zooms } from './zooms';
import { type Box, project, spread, unproject } from './labelLayout';

/** A label that must be seen: a zone with its count, or the name at the end of a line. */
export interface Label {
  at: [number, number];
  name: string;
  said: string;
  properties: Record<string, unknown>;
  /** Beside its point rather than on it: -1 left, 1 right. */
  beside?: -1 | 1;
}
/** The count that the map shows: of the isolated cluster, or of all; zones that do not list it are counted under it. */
export const countOf = (
  row: { count: number; clusters: { code?: string | null; count: number }[] },
  cluster: string | null,
): number => (cluster ? (row.clusters.find((one) => one.code === cluster)?.count ?? row.count) : row.count);

/** The fill of a zone that has none, or that is not known. */
export const NOTHING = 'rgba(0,0,0,0)';

export function shading(rows: readonly ZoneRow[], cluster: string | null): Class[] {
  return classes(rows.map((row) => countOf(row, cluster)));
}
export function shadeExpression(colours: ReadonlyMap<string, string>): unknown {
  return colours.size ? ['match', ['get', 'fid'], ...[...colours].flat(), NOTHING] : NOTHING;
}

const wide = (text: string, size: number): number =>
  [...text].reduce((sum, char) => sum + (char.charCodeAt(0) > 0x2e80 ? size : size * 0.56), 0);
const feature = (geometry: unknown, properties: Record<string, unknown> = {}) => ({
  type: 'Feature',
  geometry,
  properties,
});
const collection = (features: unknown[]) => ({ type: 'FeatureCollection', features });

/** Label points for a zoom, and thin lines to the zones whose label had to step aside. */
export function placeLabels(
  all: readonly Label[],
  zoom: number,
  { shift, apart }: Pick<Zooms, 'shift' | 'apart'>,
  obstacles: readonly [number, number][] = [],
): { labels: unknown; leaders: unknown } {
  const size = Math.min(15, Math.max(12, 12 + (zoom - shift - 7) * 0.75));
  const boxes: Box[] = all.map((one) => {
    const w = Math.max(wide(one.name, size), wide(one.said, size * 0.93)) + 6;
    const { x, y } = project(one.at, zoom);
    return { x: x + (one.beside ?? 0) * (w / 2 + 8), y, w, h: size * (one.said ? 2.5 : 1.4) };
  });
  const side = zoom - shift < 8.5 ? 12 : 16;
  const fixed = obstacles.map((point): Box => ({ ...project(point, zoom), w: side, h: side, fixed: true }));
  const at = zoom < apart + 0.5 ? spread([...boxes, ...fixed], 3) : boxes;
  const labels = all.map((one, i) =>
    feature(
      { type: 'Point', coordinates: unproject(at[i]!, zoom) },
      { ...one.properties, name: one.name, said: one.said },
    ),
  );
  const leaders = all.flatMap((one, i) => {
    if (one.beside) return [];
    const box = boxes[i]!;
    const dx = at[i]!.x - box.x;
    const dy = at[i]!.y - box.y;
    if (Math.abs(dx) < box.w / 2 + 3 && Math.abs(dy) < box.h / 2 + 3) return [];
    const part = 1 - Math.min(box.w / 2 / Math.max(Math.abs(dx), 1e-6), box.h / 2 / Math.max(Math.abs(dy), 1e-6), 1);
    const end = unproject({ x: box.x + dx * part, y: box.y + dy * part }, zoom);
    return [feature({ type: 'LineString', coordinates: [one.at, end] })];
  });
  return { labels: collection(labels), leaders: collection(leaders) };
}

/** Names of the layout's lines at their outer ends. */
export function lineLabels(
  features: readonly { id: string; geometry: Geometry | null; properties: Record<string, unknown> }[],
  say: (properties: Record<string, unknown>) => string,
  shown: (kind: string) => boolean,
): Label[] {
  const lines = features.flatMap((one) =>
    one.geometry?.type === 'LineString' && shown(String(one.properties.kind))
      ? [{ line: one.geometry.coordinates, kind: String(one.properties.kind), name: say(one.properties) }]
      : [],
  );
  const middle = lines
    .flatMap(({ line }) => line.map((p) => p[0]!))
    .reduce((sum, x, _, all) => sum + x / all.length, 0);
  return lines.map(({ line, kind, name }) => {
    const [a, b] = [line[0]!, line.at(-1)!];
    const end = Math.abs(a[0]! - middle) > Math.abs(b[0]! - middle) ? a : b;
    return {
      at: [end[0]!, end[1]!],
      name,
      said: '',
      properties: { kind },
      beside: end[0]! < middle ? -1 : 1,
    };
  });
}

export const pointsOf = (features: readonly { geometry: Geometry | null }[]): [number, number][] =>
  features.flatMap((one) =>
    one.geometry?.type === 'Point'
      ? [[one.geometry.coordinates[0]!, one.geometry.coordinates[1]!] as [number, number]]
      : [],
  );

/** The place of a point, the middle of the box around anything else. */
export function middleOf(geometry: Geometry | null): [number, number] | null {
  const parts: unknown[] = geometry && 'coordinates' in geometry ? [geometry.coordinates] : [];
  const all: [number, number][] = [];
  for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
    if (!Array.isArray(part)) continue;
    if (typeof part[0] === 'number') all.push(part as [number, number]);
    else parts.push(...(part as unknown[]));
  }
  if (!all.length) return null;
  const middle = (i: 0 | 1): number => {
    const [low, high] = all.reduce(([a, b], at) => [Math.min(a, at[i]), Math.max(b, at[i])], [Infinity, -Infinity]);
    return (low + high) / 2;
  };
  return [middle(0), middle(1)];
}

export function circleRing(center: readonly [number, number], metres: number): unknown {
  const ring = circleCorners(center, metres);
  return collection([feature({ type: 'Polygon', coordinates: [[...ring, ring[0]]] })]);
}
