// The vertices of a geometry, one list for each of its lines, rings and points: moved, added and taken away without losing holes
// or parts.
export type Position = readonly [lon: number, lat: number];
/** A GeoJSON geometry, as far as its vertices go. */
export interface Shape {
  type: string;
  coordinates: unknown;
}
/** A line, a ring (without its last position, which is its first) or points. */
export interface Path {
  closed: boolean;
  /** Whether positions can be added between others. */
  joined: boolean;
  at: Position[];
}
export interface Vertex {
  path: number;
  index: number;
}

/** How many positions a path needs. */
const LEAST = (path: Path): number => (path.closed ? 3 : path.joined ? 2 : 1);
/** With the decimals that are kept. */
export const rounded = ([lon, lat]: Position): Position => [Math.round(lon * 1e7) / 1e7, Math.round(lat * 1e7) / 1e7];
const ring = (positions: readonly Position[]): Path => ({
  closed: true,
  joined: true,
  at: positions.slice(0, -1).map(([lon, lat]) => [lon, lat]),
});
const line = (positions: readonly Position[], joined = true): Path => ({
  closed: false,
  joined,
  at: positions.map(([lon, lat]) => [lon, lat]),
});

/** The paths of a geometry; none of a collection of geometries. */
export function paths(shape: Shape | null): Path[] {
  const of = shape?.coordinates;
  switch (shape?.type) {
    case 'Point':
      return [line([of as Position], false)];
    case 'MultiPoint':
      return [line(of as Position[], false)];
    case 'LineString':
      return [line(of as Position[])];
    case 'MultiLineString':
      return (of as Position[][]).map((one) => line(one));
    case 'Polygon':
      return (of as Position[][]).map(ring);
    case 'MultiPolygon':
      return (of as Position[][][]).flat().map(ring);
    default:
      return [];
  }
}

/** The geometry again, with these paths in the place of its own. */
export function rebuilt(shape: Shape, all: readonly Path[]): Shape {
  const at = all.map((path) => (path.closed ? [...path.at, path.at[0]!] : path.at));
  const { type } = shape;
  if (type === 'Point') return { type, coordinates: at[0]![0] };
  if (type === 'MultiPoint' || type === 'LineString') return { type, coordinates: at[0] };
  if (type !== 'MultiPolygon') return { type, coordinates: at };
  let from = 0;
  const parts = (shape.coordinates as unknown[][]).map((part) => at.slice(from, (from += part.length)));
  return { type, coordinates: parts };
}

/** The box around geometries: west, south, east, north; null where they have no positions. */
export function around(shapes: readonly Shape[]): [number, number, number, number] | null {
  const all = shapes.flatMap((shape) => paths(shape).flatMap((path) => path.at));
  if (!all.length) return null;
  return all.reduce<[number, number, number, number]>(
    ([w, s, e, n], [x, y]) => [Math.min(w, x), Math.min(s, y), Math.max(e, x), Math.max(n, y)],
    [Infinity, Infinity, -Infinity, -Infinity],
  );
}

export const count = (shape: Shape | null): number => paths(shape).reduce((sum, path) => sum + path.at.length, 0);

const changed = (all: readonly Path[], { path }: Vertex, change: (at: Position[]) => Position[]): Path[] =>
  all.map((one, place) => (place === path ? { ...one, at: change(one.at) } : one));

export const moved = (all: readonly Path[], vertex: Vertex, to: Position): Path[] =>
  changed(all, vertex, (at) => at.map((one, index) => (index === vertex.index ? rounded(to) : one)));
/** With another vertex after this one. */
export const inserted = (all: readonly Path[], vertex: Vertex, position: Position): Path[] =>
  changed(all, vertex, (at) => [...at.slice(0, vertex.index + 1), rounded(position), ...at.slice(vertex.index + 1)]);
/** Without a vertex; as it was where too few would be left. */
export function removed(all: readonly Path[], vertex: Vertex): Path[] {
  const path = all[vertex.path];
  if (!path || path.at.length <= LEAST(path)) return [...all];
  return changed(all, vertex, (at) => at.filter((_, index) => index !== vertex.index));
}

/** The middle between a vertex and the next one of its path; null where there is none. */
export function middle(all: readonly Path[], { path, index }: Vertex): Position | null {
  const one = all[path];
  if (!one?.joined) return null;
  const a = one.at[index];
  const b = one.at[index + 1] ?? (one.closed && one.at.length > 2 ? one.at[0] : undefined);
  return a && b ? [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2] : null;
}

/** The vertex so many after this one, around all paths. */
export function next(all: readonly Path[], { path, index }: Vertex, steps: number): Vertex {
  const list = all.flatMap((one, of) => one.at.map((_, at): Vertex => ({ path: of, index: at })));
  const now = list.findIndex((one) => one.path === path && one.index === index);
  return list[(Math.max(0, now) + steps + list.length) % Math.max(1, list.length)] ?? { path: 0, index: 0 };
}

/** What is drawn so far as a geometry; null while it has too few positions. */
export function finished(type: string, at: readonly Position[]): Shape | null {
  const path: Path = { closed: type === 'Polygon', joined: type !== 'Point', at: at.map(rounded) };
  return at.length < LEAST(path) ? null : rebuilt({ type, coordinates: [[]] }, [path]);
}
