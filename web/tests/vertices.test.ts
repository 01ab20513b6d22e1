import { describe, expect, it } from 'vitest';
import {
  count,
  finished,
  inserted,
  middle,
  moved,
  next,
  paths,
  rebuilt,
  removed,
  type Shape,
} from '../src/map/vertices';

const square = (x: number, y: number) => [
  [x, y],
  [x + 1, y],
  [x + 1, y + 1],
  [x, y],
];
const SHAPES: Shape[] = [
  { type: 'Point', coordinates: [1, 2] },
  {
    type: 'MultiPoint',
    coordinates: [
      [1, 2],
      [3, 4],
    ],
  },
  {
    type: 'LineString',
    coordinates: [
      [1, 2],
      [3, 4],
      [5, 6],
    ],
  },
  {
    type: 'MultiLineString',
    coordinates: [
      [
        [1, 2],
        [3, 4],
      ],
      [
        [5, 6],
        [7, 8],
      ],
    ],
  },
  { type: 'Polygon', coordinates: [square(0, 0), square(0.2, 0.1)] },
  { type: 'MultiPolygon', coordinates: [[square(0, 0), square(0.2, 0.1)], [square(5, 5)]] },
];

describe('vertices', () => {
  it.each(SHAPES)('of a $type are taken apart and put together again', (shape) => {
    expect(rebuilt(shape, paths(shape))).toEqual(shape);
  });

  it.each(SHAPES)('of a $type: one is moved, and no other', (shape) => {
    const all = paths(shape);
    for (let path = 0; path < all.length; path++)
      for (let index = 0; index < all[path]!.at.length; index++) {
        const after = paths(rebuilt(shape, moved(all, { path, index }, [9.5, 8.5])));
        const differing = after.flatMap((one, p) =>
          one.at.filter((at, i) => JSON.stringify(at) !== JSON.stringify(all[p]!.at[i])),
        );
        expect(differing).toEqual([[9.5, 8.5]]);
        expect(after[path]!.closed).toBe(all[path]!.closed);
      }
  });

  it('are added in the middle, also over the end of a ring, and not between points', () => {
    const ring = paths(SHAPES[4]!);
    expect(middle(ring, { path: 0, index: 2 })).toEqual([0.5, 0.5]);
    const more = rebuilt(SHAPES[4]!, inserted(ring, { path: 0, index: 2 }, [0.5, 0.5]));
    expect(count(more)).toBe(count(SHAPES[4]!) + 1);
    expect((more.coordinates as number[][][])[0]).toEqual([
      [0, 0],
      [1, 0],
      [1, 1],
      [0.5, 0.5],
      [0, 0],
    ]);
    expect(middle(paths(SHAPES[1]!), { path: 0, index: 0 })).toBeNull();
    expect(middle(paths(SHAPES[2]!), { path: 0, index: 2 })).toBeNull();
  });

  it('are taken away while enough are left', () => {
    for (const shape of SHAPES) {
      const all = paths(shape);
      const after = removed(all, { path: 0, index: 0 });
      const enough = all[0]!.at.length > (all[0]!.closed ? 3 : all[0]!.joined ? 2 : 1);
      expect(after[0]!.at.length).toBe(all[0]!.at.length - (enough ? 1 : 0));
    }
  });

  it('are gone through one after the other, around all parts', () => {
    const all = paths(SHAPES[5]!);
    let at = { path: 0, index: 0 };
    const seen = new Set<string>();
    for (let n = 0; n < count(SHAPES[5]!); n++) {
      seen.add(`${at.path}:${at.index}`);
      at = next(all, at, 1);
    }
    expect(seen.size).toBe(9);
    expect(at).toEqual({ path: 0, index: 0 });
    expect(next(all, at, -1)).toEqual({ path: 2, index: 2 });
  });

  it('become a geometry once there are enough', () => {
    const at = [
      [1, 2],
      [3, 4],
      [5, 7],
    ] as [number, number][];
    expect(finished('Polygon', at.slice(0, 2))).toBeNull();
    expect(finished('Polygon', at)).toEqual({ type: 'Polygon', coordinates: [[...at, at[0]]] });
    expect(finished('LineString', at.slice(0, 1))).toBeNull();
    expect(finished('LineString', at)).toEqual({ type: 'LineString', coordinates: at });
    expect(finished('Point', at.slice(0, 1))).toEqual({ type: 'Point', coordinates: [1, 2] });
  });
});
