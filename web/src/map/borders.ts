// Zones that share borders: a vertex of several moves in all of them, a zone is cut by a line, zones become one. Nothing is computed
// where a vertex is shared: positions are the same to the last digit, or lie on an edge by the precision that is kept.
import { paths, type Path, type Position, rebuilt, rounded, type Shape } from './vertices';

/** A zone beside the one that is edited. */
export interface Beside {
  /** Its key in the draft. */
  key: string;
  name: string;
  shape: Shape;
  paths: readonly Path[];
}
/** A vertex of one of them. */
export interface Place {
  of: number;
  path: number;
  index: number;
}
/** Positions nearer to an edge lie on it: three units of the seventh decimal, some centimetres. */
const NEAR = 3e-7;

const spot = ([lon, lat]: Position): string => `${Math.round(lon * 1e7)},${Math.round(lat * 1e7)}`;
const after = ({ closed, at }: Path, index: number): Position | undefined =>
  at[index + 1] ?? (closed ? at[0] : undefined);

export const beside = (key: string, shape: Shape, name = key): Beside => ({ key, name, shape, paths: paths(shape) });
export const shapeOf = (one: Beside): Shape => rebuilt(one.shape, one.paths);

/** The vertices of zones by their positions. */
export function vertexIndex(all: readonly Beside[]): Map<string, Place[]> {
  const index = new Map<string, Place[]>();
  all.forEach((one, of) =>
    one.paths.forEach((path, place) =>
      path.at.forEach((at, vertex) => {
        const key = spot(at);
        const here = { of, path: place, index: vertex };
        const found = index.get(key);
        if (found) found.push(here);
        else index.set(key, [here]);
      }),
    ),
  );
  return index;
}
/** The vertices that are at a position. */
export const sharing = (index: ReadonlyMap<string, Place[]>, at: Position): readonly Place[] =>
  index.get(spot(at)) ?? [];

const changed = <T extends Beside>(
  all: readonly T[],
  places: readonly Place[],
  change: (at: Position[], index: number) => Position[],
): T[] => {
  const next = [...all];
  // from the end of each path, so that no index moves before its turn
  for (const { of, path, index } of [...places].sort((a, b) => b.index - a.index)) {
    const one = next[of]!;
    const made = one.paths.map((each, at) => (at === path ? { ...each, at: change([...each.at], index) } : each));
    next[of] = { ...one, paths: made };
  }
  return next;
};
export const movedIn = <T extends Beside>(all: readonly T[], places: readonly Place[], to: Position): T[] =>
  changed(all, places, (at, index) => at.map((one, place) => (place === index ? rounded(to) : one)));
/** Without these vertices; null where one of the zones has too few for that. */
export function removedIn<T extends Beside>(all: readonly T[], places: readonly Place[]): T[] | null {
  const next = changed(all, places, (at, index) => at.filter((_, place) => place !== index));
  return next.some((one) => one.paths.some(({ closed, joined, at }) => at.length < (closed ? 3 : joined ? 2 : 1)))
    ? null
    : next;
}

/** How far a position is from an edge, in degrees. */
function away([x, y]: Position, [ax, ay]: Position, [bx, by]: Position): number {
  const [dx, dy] = [bx - ax, by - ay];
  const length = dx * dx + dy * dy;
  const along = length ? Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / length)) : 0;
  return Math.hypot(x - ax - along * dx, y - ay - along * dy);
}
/** A path with a vertex where a position lies on one of its edges; itself where that is a vertex already, or on none. */
function noded(path: Path, at: Position): Path {
  if (!path.joined || path.at.some((one) => spot(one) === spot(at))) return path;
  const index = path.at.findIndex((one, place) => {
    const end = after(path, place);
    return end && away(at, one, end) < NEAR;
  });
  return index < 0 ? path : { ...path, at: [...path.at.slice(0, index + 1), at, ...path.at.slice(index + 1)] };
}
/** The zones with a vertex at a position that lies on a border of theirs. */
export const insertedIn = <T extends Beside>(all: readonly T[], at: Position): T[] =>
  all.map((one) => {
    const made = one.paths.map((path) => noded(path, at));
    return made.some((path, place) => path !== one.paths[place]) ? { ...one, paths: made } : one;
  });
/** The zones that are others than before. */
export const differing = <T extends Beside>(now: readonly T[], before: readonly T[]): T[] =>
  now.filter((one, place) => one.paths !== before[place]?.paths);

/** The vertex of zones that is nearest to a position, not farther than a corner of a box around it; null where there is none. */
export function nearest(all: readonly Beside[], [x, y]: Position, [cx, cy]: Position): Position | null {
  let found: Position | null = null;
  let least = 1;
  for (const { paths: of } of all)
    for (const { at } of of)
      for (const one of at) {
        const far = Math.hypot((one[0] - x) / (cx - x), (one[1] - y) / (cy - y));
        if (far <= least) [found, least] = [one, far];
      }
  return found;
}

type Ring = readonly Position[];
/** Twice the area of a ring, positive where it runs against the clock. */
const doubled = (ring: Ring): number =>
  ring.reduce((sum, [x, y], i) => {
    const [u, v] = ring[(i + 1) % ring.length]!;
    return sum + (x - ring[0]![0]) * (v - ring[0]![1]) - (u - ring[0]![0]) * (y - ring[0]![1]);
  }, 0);
function holds(ring: Ring, [x, y]: Position): boolean {
  let inside = false;
  ring.forEach(([ax, ay], i) => {
    const [bx, by] = ring[(i + 1) % ring.length]!;
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
  });
  return inside;
}
const between = ([ax, ay]: Position, [bx, by]: Position): Position => [(ax + bx) / 2, (ay + by) / 2];
/** The polygons of a shape, each a list of rings without their last positions. */
function polygons(shape: Shape): Ring[][] {
  const all = (shape.type === 'Polygon' ? [shape.coordinates] : shape.coordinates) as Position[][][];
  return all.map((rings) => rings.map((ring) => ring.slice(0, -1)));
}
const closed = (ring: Ring): Ring => [...ring, ring[0]!];
function shaped(parts: readonly (readonly Ring[])[]): Shape {
  const all = parts.map((rings) => rings.map(closed));
  return all.length === 1 ? { type: 'Polygon', coordinates: all[0] } : { type: 'MultiPolygon', coordinates: all };
}
export const hasGround = (shape: Shape | null): shape is Shape =>
  shape?.type === 'Polygon' || shape?.type === 'MultiPolygon';

/** Where a line meets a ring. */
interface Hit {
  part: number;
  ring: number;
  /** The edge that begins at this vertex. */
  edge: number;
  at: Position;
  /** How far along the line: the number of its segment, and the share of that. */
  along: number;
}
function hits(parts: readonly Ring[][], line: readonly Position[]): Hit[] {
  const found: Hit[] = [];
  for (let segment = 0; segment + 1 < line.length; segment++) {
    const [[px, py], [qx, qy]] = [line[segment]!, line[segment + 1]!];
    parts.forEach((rings, part) =>
      rings.forEach((positions, ring) =>
        positions.forEach(([ax, ay], edge) => {
          const [bx, by] = positions[(edge + 1) % positions.length]!;
          const det = (qx - px) * (by - ay) - (qy - py) * (bx - ax);
          if (!det) return;
          const along = ((ax - px) * (by - ay) - (ay - py) * (bx - ax)) / det;
          const share = ((ax - px) * (qy - py) - (ay - py) * (qx - px)) / det;
          if (along < 0 || along > 1 || share < 0 || share > 1) return;
          let at: Position = rounded([ax + share * (bx - ax), ay + share * (by - ay)]);
          // on a vertex, to the precision that is kept
          if (spot(at) === spot([ax, ay])) at = [ax, ay];
          else if (spot(at) === spot([bx, by])) at = [bx, by];
          found.push({ part, ring, edge, at, along: segment + along });
        }),
      ),
    );
  }
  found.sort((a, b) => a.along - b.along);
  return found.filter((one, place) => place === 0 || spot(one.at) !== spot(found[place - 1]!.at));
}
/** A position of the line. */
function onLine(line: readonly Position[], along: number): Position {
  const segment = Math.min(Math.floor(along), line.length - 2);
  const [[px, py], [qx, qy]] = [line[segment]!, line[segment + 1]!];
  return [px + (along - segment) * (qx - px), py + (along - segment) * (qy - py)];
}

/** A zone cut in two. */
export interface Cut {
  /** The larger part. */
  first: Shape;
  second: Shape;
  /** Where the line meets the border: vertices that neighbours get, too. */
  ends: readonly Position[];
}
/** How a line that does not cut a zone in two goes through it: never, more than once, or to a hole of it. */
export type Uncut = 'outside' | 'several' | 'hole';

/** Cuts a zone by a line from outside to outside. */
export function cut(shape: Shape, line: readonly Position[]): Cut | Uncut {
  const parts = polygons(shape);
  const met = hits(parts, line);
  const inside = (at: Position) =>
    parts.some(([outer, ...inner]) => holds(outer!, at) && !inner.some((ring) => holds(ring, at)));
  const chords = met.flatMap((from, place) => {
    const to = met[place + 1];
    return to && inside(onLine(line, (from.along + to.along) / 2)) ? [[from, to] as const] : [];
  });
  if (!chords.length) return 'outside';
  if (chords.length > 1) return 'several';
  const [from, to] = chords[0]!;
  if (from.ring || to.ring || from.part !== to.part) return 'hole';
  const [outer, ...inner] = parts[from.part]!;
  const index = (ring: Ring, at: Position) => ring.findIndex((one) => spot(one) === spot(at));
  const put = (ring: Ring, { at }: Hit): Ring => noded({ closed: true, joined: true, at: [...ring] }, at).at;
  const ring = put(put(outer!, from), to);
  const [a, b] = [index(ring, from.at), index(ring, to.at)];
  if (a < 0 || b < 0 || a === b) return 'outside';
  const way = (i: number, j: number): Position[] =>
    i <= j ? ring.slice(i, j + 1) : [...ring.slice(i), ...ring.slice(0, j + 1)];
  const within = line.filter((_, i) => i > from.along && i < to.along).map(rounded);
  const rings: Ring[] = [
    [...way(a, b), ...[...within].reverse()],
    [...way(b, a), ...within],
  ];
  rings.sort((x, y) => Math.abs(doubled(y)) - Math.abs(doubled(x)));
  const withHoles = rings.map((own) => [own, ...inner.filter((hole) => holds(own, between(hole[0]!, hole[1]!)))]);
  // other parts of the zone stay with the larger one
  const others = parts.filter((_, part) => part !== from.part);
  return { first: shaped([withHoles[0]!, ...others]), second: shaped([withHoles[1]!]), ends: [from.at, to.at] };
}

/** One zone of several that lie side by side; null where they do not all share borders with each other. */
export function united(shapes: readonly Shape[]): Shape | null {
  // outer rings against the clock, holes with it: an edge that two have runs both ways
  const wound = shapes.map((shape) =>
    polygons(shape).flatMap((rings) =>
      rings.map((ring, place) => (doubled(ring) > 0 === (place === 0) ? [...ring] : [...ring].reverse())),
    ),
  );
  const boxes = wound.map((rings) => box(rings.flat()));
  const nodes = wound.map((rings, own) =>
    rings.map((ring) => {
      const near = wound.flatMap((other, of) => (of === own || apart(boxes[own]!, boxes[of]!) ? [] : other.flat()));
      const known = new Set(ring.map(spot));
      const touching = near.filter((at) => !outsideOf(boxes[own]!, at) && !known.has(spot(at)));
      return touching.reduce((path, at) => noded(path, at), { closed: true, joined: true, at: ring } as Path).at;
    }),
  );
  const edges = new Map<string, { from: Position; to: Position; of: number }>();
  const root = shapes.map((_, place) => place);
  const top = (place: number): number => (root[place] === place ? place : top(root[place]!));
  nodes.forEach((rings, of) =>
    rings.forEach((ring) =>
      ring.forEach((from, i) => {
        const to = ring[(i + 1) % ring.length]!;
        const back = edges.get(`${spot(to)} ${spot(from)}`);
        if (back) {
          edges.delete(`${spot(to)} ${spot(from)}`);
          root[top(of)] = top(back.of);
        } else edges.set(`${spot(from)} ${spot(to)}`, { from, to, of });
      }),
    ),
  );
  if (shapes.some((_, place) => top(place) !== top(0))) return null;
  const leaving = new Map<string, { from: Position; to: Position }[]>();
  for (const edge of edges.values()) leaving.set(spot(edge.from), [...(leaving.get(spot(edge.from)) ?? []), edge]);
  const rings: Position[][] = [];
  for (const start of edges.values()) {
    let edge = take(leaving, start.from, start);
    const way: Position[] = [];
    while (edge) {
      // a vertex met again closes a ring of its own
      const again = way.findIndex((one) => spot(one) === spot(edge!.from));
      if (again >= 0) rings.push(way.splice(again));
      way.push(edge.from);
      edge = take(leaving, edge.to);
    }
    if (way.length) rings.push(way);
  }
  const sound = rings.filter((ring) => ring.length > 2);
  const outer = sound.filter((ring) => doubled(ring) > 0).map((ring) => [ring]);
  for (const hole of sound.filter((ring) => doubled(ring) < 0)) {
    const at = between(hole[0]!, hole[1]!);
    const around = outer.filter(([ring]) => holds(ring!, at));
    around.sort((a, b) => doubled(a[0]!) - doubled(b[0]!))[0]?.push(hole);
  }
  return outer.length ? shaped(outer) : null;
}
/** Takes an edge that leaves a vertex: this one, or any. */
function take(
  leaving: Map<string, { from: Position; to: Position }[]>,
  from: Position,
  wanted?: { from: Position; to: Position },
): { from: Position; to: Position } | undefined {
  const all = leaving.get(spot(from));
  const place = all ? (wanted ? all.indexOf(wanted) : 0) : -1;
  return place < 0 ? undefined : all!.splice(place, 1)[0];
}
type Box = [number, number, number, number];
const box = (all: readonly Position[]): Box =>
  all.reduce<Box>(
    ([w, s, e, n], [x, y]) => [Math.min(w, x), Math.min(s, y), Math.max(e, x), Math.max(n, y)],
    [Infinity, Infinity, -Infinity, -Infinity],
  );
const outsideOf = ([w, s, e, n]: Box, [x, y]: Position): boolean =>
  x < w - NEAR || x > e + NEAR || y < s - NEAR || y > n + NEAR;
const apart = ([w, s, e, n]: Box, [u, t, f, m]: Box): boolean =>
  u > e + NEAR || f < w - NEAR || t > n + NEAR || m < s - NEAR;
/** Whether two zones could share a border. */
export const mayTouch = (a: Shape, b: Shape): boolean => !apart(box(polygons(a).flat(2)), box(polygons(b).flat(2)));
