import { describe, expect, it } from 'vitest';
import {
  beside,
  type Beside,
  cut,
  type Cut,
  differing,
  insertedIn,
  movedIn,
  nearest,
  removedIn,
  shapeOf,
  sharing,
  united,
  vertexIndex,
} from '../src/map/borders';
import type { Position, Shape } from '../src/map/vertices';

const close = (ring: Position[]): Position[] => [...ring, ring[0]!];
const polygon = (...rings: Position[][]): Shape => ({ type: 'Polygon', coordinates: rings.map(close) });
const square = (x: number, y: number, side = 1): Shape =>
  polygon([
    [x, y],
    [x + side, y],
    [x + side, y + side],
    [x, y + side],
  ]);
const parts = (shape: Shape): Position[][][] =>
  (shape.type === 'Polygon' ? [shape.coordinates] : shape.coordinates) as Position[][][];
const ringArea = (ring: Position[]): number =>
  ring.slice(1).reduce((sum, [u, v], i) => sum + (ring[i]![0] * v - u * ring[i]![1]) / 2, 0);
/** By the formula of the trapezoids, which knows nothing of how the shapes were made. */
const area = (shape: Shape): number =>
  parts(shape).reduce(
    (sum, [outer, ...holes]) =>
      sum + Math.abs(ringArea(outer!)) - holes.reduce((all, hole) => all + Math.abs(ringArea(hole)), 0),
    0,
  );
/** Whether a position is in a shape, by the even-odd rule over all rings. */
const inside = (shape: Shape, [x, y]: Position): boolean =>
  parts(shape)
    .flat()
    .reduce((is, ring) => {
      let crossed = is;
      for (let i = 0; i + 1 < ring.length; i++) {
        const [[ax, ay], [bx, by]] = [ring[i]!, ring[i + 1]!];
        if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) crossed = !crossed;
      }
      return crossed;
    }, false);
/** The same numbers each time. */
function chances(seed: number): (n: number) => number {
  let state = seed;
  return (n) => (state = (state * 48271) % 2147483647) % n;
}

describe('borders that are shared', () => {
  const four: Beside[] = [
    beside('a', square(0, 0)),
    beside('b', square(1, 0)),
    beside('c', square(0, 1)),
    beside('d', square(1, 1)),
  ];
  const whole = (all: readonly Beside[]) => all.reduce((sum, one) => sum + area(shapeOf(one)), 0);

  it('move in all zones that have the vertex', () => {
    const places = sharing(vertexIndex(four), [1, 1]);
    expect(places.map((one) => four[one.of]!.key)).toEqual(['a', 'b', 'c', 'd']);
    const now = movedIn(four, places, [1.2, 0.9]);
    expect(whole(now)).toBeCloseTo(4, 9);
    expect(now.map((one) => area(shapeOf(one)))).not.toEqual([1, 1, 1, 1]);
    // one that stays behind leaves the sum another
    expect(whole(movedIn(four, places.slice(1), [1.2, 0.9]))).not.toBeCloseTo(4, 3);
    expect(differing(now, four)).toHaveLength(4);
    expect(sharing(vertexIndex(four), [0.5, 1])).toEqual([]);
  });

  it('get a vertex in all zones on whose border it lies, and lose it in all', () => {
    const with_ = insertedIn(four, [1, 0.5]);
    expect(differing(with_, four).map((one) => one.key)).toEqual(['a', 'b']);
    const places = sharing(vertexIndex(with_), [1, 0.5]);
    const out = movedIn(with_, places, [1.3, 0.5]);
    expect(whole(out)).toBeCloseTo(4, 9);
    expect(area(shapeOf(out[0]!))).toBeCloseTo(1.15, 9);
    const back = removedIn(with_, places)!;
    expect(back.map(shapeOf)).toEqual(four.map(shapeOf));
    // a triangle keeps its three
    const three = [
      beside(
        't',
        polygon([
          [0, 0],
          [1, 0],
          [0, 1],
        ]),
      ),
    ];
    expect(removedIn(three, sharing(vertexIndex(three), [1, 0]))).toBeNull();
    // a ring that passes a vertex twice loses both
    const twice = [
      beside(
        'w',
        polygon([
          [0, 0],
          [2, 0],
          [1, 1],
          [2, 2],
          [0, 2],
          [1, 1],
        ]),
      ),
    ];
    const left = removedIn(twice, sharing(vertexIndex(twice), [1, 1]))!;
    expect(left.map(shapeOf)).toEqual([
      polygon([
        [0, 0],
        [2, 0],
        [2, 2],
        [0, 2],
      ]),
    ]);
    // what is a vertex already is not put in again
    expect(differing(insertedIn(four, [1, 1]), four)).toEqual([]);
  });

  it('are found by what is drawn near to one of their vertices', () => {
    expect(nearest(four, [1.04, 0.97], [1.14, 1.07])).toEqual([1, 1]);
    expect(nearest(four, [1.08, 0.9], [1.18, 1])).toBeNull();
    expect(nearest([], [0, 0], [1, 1])).toBeNull();
  });

  it('stay exact to the last digit where nothing moves', () => {
    const long: Position = [0.123456789012345, 0.1];
    const one = [beside('a', polygon([long, [1, 0], [0, 1]]))];
    const moved = movedIn(one, sharing(vertexIndex(one), [1, 0]), [1.00000000049, 0.2]);
    expect((shapeOf(moved[0]!).coordinates as Position[][])[0]!.slice(0, 2)).toEqual([long, [1, 0.2]]);
  });
});

describe('a cut', () => {
  const made = (shape: Shape, line: Position[]): Cut => {
    const found = cut(shape, line);
    if (typeof found === 'string') throw new Error(found);
    return found;
  };
  it('makes two zones that together are the one, the larger first', () => {
    const { first, second, ends } = made(square(0, 0), [
      [-0.5, 0.25],
      [0.5, 0.3],
      [1.5, 0.25],
    ]);
    expect(area(first) + area(second)).toBeCloseTo(1, 9);
    expect(area(first)).toBeGreaterThan(area(second));
    expect(ends).toHaveLength(2);
    expect(area(united([first, second])!)).toBeCloseTo(1, 9);
    // the neighbour gets the vertex, and no gap
    const right = insertedIn([beside('r', square(1, 0))], ends[1]!);
    expect(sharing(vertexIndex(right), ends[1]!)).toHaveLength(1);
  });
  it('goes through vertices as through edges', () => {
    const { first, second } = made(square(0, 0), [
      [-1, -1],
      [2, 2],
    ]);
    expect([area(first), area(second)]).toEqual([0.5, 0.5]);
  });
  it('leaves holes and other parts where they are', () => {
    const hole: Position[] = [
      [0.1, 0.1],
      [0.1, 0.2],
      [0.2, 0.2],
      [0.2, 0.1],
    ];
    const zone: Shape = {
      type: 'MultiPolygon',
      coordinates: [
        [
          close([
            [0, 0],
            [1, 0],
            [1, 1],
            [0, 1],
          ]),
          close(hole),
        ],
        [
          close([
            [5, 5],
            [6, 5],
            [6, 6],
          ]),
        ],
      ],
    };
    const { first, second } = made(zone, [
      [0.4, -1],
      [0.4, 2],
    ]);
    expect(area(first)).toBeCloseTo(0.6 + 0.5, 9);
    expect(area(second)).toBeCloseTo(0.4 - 0.01, 9);
  });
  it.each([
    [
      'outside',
      square(0, 0),
      [
        [-1, 2],
        [2, 2],
      ],
    ],
    [
      'outside',
      square(0, 0),
      [
        [0.2, 0.2],
        [0.8, 0.8],
      ],
    ],
    [
      'outside',
      square(0, 0),
      [
        [-1, 0.5],
        [0.5, 0.5],
      ],
    ],
    [
      'several',
      polygon([
        [0, 0],
        [3, 0],
        [3, 2],
        [2, 2],
        [2, 1],
        [1, 1],
        [1, 2],
        [0, 2],
      ]),
      [
        [-1, 1.5],
        [4, 1.5],
      ],
    ],
    [
      'hole',
      polygon(
        [
          [0, 0],
          [4, 0],
          [4, 4],
          [0, 4],
        ],
        [
          [1, 1],
          [1, 2],
          [2, 2],
          [2, 1],
        ],
      ),
      [
        [-1, 1.5],
        [1.5, 1.5],
      ],
    ],
  ] as [string, Shape, Position[]][])('is refused where the line is %s', (why, shape, line) => {
    expect(cut(shape, line)).toBe(why);
  });
  it('of any zone by any line is the zone again', () => {
    const chance = chances(11);
    let cuts = 0;
    for (let round = 0; round < 300; round++) {
      // a star-shaped zone, and a line through it
      const n = 5 + chance(9);
      const zone = polygon(
        Array.from({ length: n }, (_, i): Position => {
          const [far, turn] = [0.4 + chance(100) / 120, (i / n) * 2 * Math.PI];
          return [120 + far * Math.cos(turn), 30 + far * Math.sin(turn)];
        }),
      );
      const turn = (chance(360) / 180) * Math.PI;
      const at = (far: number): Position => [
        120 + far * Math.cos(turn) + 0.001,
        30 + far * Math.sin(turn) + chance(10) / 100,
      ];
      const found = cut(zone, [at(-3), at(0), at(3)]);
      if (typeof found === 'string') continue;
      cuts += 1;
      const { first, second, ends } = found;
      expect(area(first) + area(second)).toBeCloseTo(area(zone), 6);
      const again = united([first, second])!;
      // the seam is gone: the vertices are those of the zone and the two ends
      const spots = (shape: Shape) => new Set(parts(shape).flat(2).map(String));
      expect(spots(again)).toEqual(new Set([...spots(zone), ...ends.map(String)]));
      expect(area(again)).toBeCloseTo(area(zone), 6);
    }
    expect(cuts).toBeGreaterThan(100);
  });
});

describe('zones that become one', () => {
  it('lose the border between them, with vertices on one side only too', () => {
    const left = polygon([
      [0, 0],
      [1, 0],
      [1, 0.4],
      [1, 1],
      [0, 1],
    ]);
    const one = united([left, square(1, 0)])!;
    expect(one.type).toBe('Polygon');
    expect(area(one)).toBeCloseTo(2, 12);
    expect(
      parts(one)
        .flat(2)
        .some(([x, y]) => x === 1 && y === 0.4),
    ).toBe(false);
  });
  it('keep apart what only meets in a corner, or not at all', () => {
    expect(united([square(0, 0), square(1, 1)])).toBeNull();
    expect(united([square(0, 0), square(3, 3)])).toBeNull();
    expect(united([square(0, 0), square(1, 0), square(5, 5)])).toBeNull();
    expect(united([square(0, 0), square(1, 0), square(2, 0)])).not.toBeNull();
  });
  it('fill the hole of a zone that lies around another', () => {
    const ring = polygon(
      [
        [0, 0],
        [3, 0],
        [3, 3],
        [0, 3],
      ],
      [
        [1, 1],
        [2, 1],
        [2, 2],
        [1, 2],
      ],
    );
    expect(united([ring, square(1, 1)])).toEqual(expect.objectContaining({ type: 'Polygon' }));
    expect(area(united([ring, square(1, 1)])!)).toBeCloseTo(9, 12);
  });
  it('have the ground of their cells, whatever they enclose', () => {
    const chance = chances(5);
    let seen = 0;
    for (let round = 0; round < 200; round++) {
      const cells = new Set<number>();
      for (let i = 0; i < 26; i++) cells.add(chance(25));
      // unit squares in any order, some wound the other way
      const shapes = [...cells].map((cell) => {
        const one = square(cell % 5, Math.floor(cell / 5));
        const rings = (one.coordinates as Position[][]).map((ring) => (chance(2) ? [...ring].reverse() : ring));
        return { ...one, coordinates: rings };
      });
      const joined = (a: number, b: number) =>
        Math.abs((a % 5) - (b % 5)) + Math.abs(Math.floor(a / 5) - Math.floor(b / 5)) === 1;
      const reached = new Set([[...cells][0]!]);
      for (const one of reached) for (const other of cells) if (joined(one, other)) reached.add(other);
      const one = united(shapes);
      expect(one === null).toBe(reached.size < cells.size);
      if (!one) continue;
      seen += 1;
      expect(area(one)).toBeCloseTo(cells.size, 9);
      for (let cell = 0; cell < 25; cell++)
        expect(inside(one, [(cell % 5) + 0.5, Math.floor(cell / 5) + 0.5])).toBe(cells.has(cell));
      // no ring meets itself
      for (const ring of parts(one).flat()) expect(new Set(ring.slice(1).map(String)).size).toBe(ring.length - 1);
    }
    expect(seen).toBeGreaterThan(20);
  });
});
