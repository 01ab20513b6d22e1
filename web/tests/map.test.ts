// The map's arithmetic: classes, labels kept apart, ink on colours, tile addresses.
import { describe, expect, it, vi } from 'vitest';
import { classes, classOf } from '../src/map/classes';
import { covers, freeRectFor, settled, showIn } from '../src/map/freeSpace';
import { contrast, inkOn } from '../src/map/palette';
import { project, spread, unproject } from '../src/map/labelLayout';
import { twelfths } from '../src/map/symbols';
import { insertAfter, prepare, REGISTER, registerTiles } from '../src/map/style';

describe('classes', () => {
  it('follow the gaps', () => {
    const cut = classes([1, 2, 3, 50, 51, 200, 201, 400, 900, 901]);
    expect(cut.map((one) => one.from)).toEqual([1, 50, 200, 400, 900]);
    expect(classOf(51, cut)).toBe(1);
    expect(classOf(901, cut)).toBe(4);
  });
  it('are no more than there are values', () => {
    expect(classes([7, 7, 7])).toEqual([{ from: 7, to: 7 }]);
    expect(classes([])).toEqual([]);
  });
  it('hold what there is: nothing is in none', () => {
    expect(classes([0, 0, 3])).toEqual([{ from: 3, to: 3 }]);
    expect(classes([0, 0])).toEqual([]);
    expect(classOf(0, classes([0, 0, 3]))).toBe(-1);
    expect(classOf(3, classes([0, 0, 3]))).toBe(0);
  });
  it('never part equal values', () => {
    const cut = classes([5, 5, 5, 6, 6, 7, 8, 8, 8, 9, 30, 30, 31]);
    expect(new Set(cut.map((one) => one.from)).size).toBe(cut.length);
    cut.slice(1).forEach((one, i) => expect(one.from).toBeGreaterThan(cut[i]!.to));
  });
});

describe('the ring of a cell', () => {
  it('is read from the digits of its tile', () => {
    expect(twelfths(7 + 13 * (3 + 13 * 2))).toEqual([7, 3, 2]);
    expect(twelfths(11 + 13)).toEqual([11, 1, 0]);
    expect(twelfths(0)).toEqual([12, 0, 0]);
    expect(twelfths(0, 2)).toEqual([6, 6, 0]);
    expect(twelfths(0, 3)).toEqual([4, 4, 4]);
  });
});

describe('spread', () => {
  it('leaves no two labels on each other, and fixed ones where they are', () => {
    let seed = 7;
    const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
    for (let round = 0; round < 30; round++) {
      const boxes = Array.from({ length: 15 }, (_, i) => ({
        x: random() * 200,
        y: random() * 200,
        w: 50,
        h: 30,
        fixed: i === 0,
      }));
      const at = spread(boxes, 3);
      expect(at[0]).toEqual({ x: boxes[0]!.x, y: boxes[0]!.y });
      for (let i = 0; i < at.length; i++)
        for (let j = i + 1; j < at.length; j++)
          expect(Math.abs(at[i]!.x - at[j]!.x) > 49.9 || Math.abs(at[i]!.y - at[j]!.y) > 29.9).toBe(true);
    }
  });
  it('leaves alone what does not touch', () => {
    const boxes = [
      { x: 0, y: 0, w: 10, h: 10 },
      { x: 100, y: 0, w: 10, h: 10 },
    ];
    expect(spread(boxes)).toEqual([
      { x: 0, y: 0 },
      { x: 100, y: 0 },
    ]);
  });
  it('projects there and back', () => {
    const [lon, lat] = unproject(project([120.15, 30.27], 9.3), 9.3);
    expect(lon).toBeCloseTo(120.15, 9);
    expect(lat).toBeCloseTo(30.27, 9);
  });
});

it('writes on every cluster colour with at least 4.5:1', () => {
  const all = [
    '#0036AB',
    '#E45617',
    '#9263DD',
    '#454500',
    '#821345',
    '#188F6B',
    '#AF81A7',
    '#636378',
    '#71D2FF',
    '#EE9A42',
    '#BD5BF7',
    '#FFF04A',
    '#F8306F',
    '#D2F7E0',
    '#9385A1',
    '#AEB4B8',
    '#9AA0A6',
  ];
  for (const colour of all) expect(contrast(colour, inkOn(colour)), colour).toBeGreaterThanOrEqual(4.5);
});

describe('style', () => {
  const served = {
    version: 8 as const,
    sources: {
      shigu: { type: 'vector', tiles: ['http://host/xyz/water,districts,enterprises/{z}/{x}/{y}.mvt?v=abc'] },
    },
    layers: [
      { id: 'water', type: 'fill', source: 'shigu', 'source-layer': 'water' },
      { id: 'register-dot', type: 'circle', source: 'shigu', 'source-layer': 'enterprises' },
    ],
  };
  it('asks for the enterprises apart, with period and cluster', () => {
    const choice = {
      register: 'enterprises',
      period: '2025',
      cluster: 'vision',
      clusterProperty: 'cluster',
      classes: { class_level: 'group' },
      filter: 'founded >= 2020',
    };
    const made = prepare(served, choice);
    expect(made.sources.shigu!.tiles).toEqual(['http://host/xyz/water,districts/{z}/{x}/{y}.mvt?v=abc']);
    expect(made.sources[REGISTER]!.tiles).toEqual([
      'http://host/xyz/enterprises/{z}/{x}/{y}.mvt?v=abc&year=2025&cluster=vision&filter=founded+%3E%3D+2020&class_level=group',
    ]);
    expect(made.layers.map((layer) => layer.source)).toEqual(['shigu', REGISTER]);
    expect(registerTiles({ ...choice, cluster: null })[0]).not.toContain('cluster');
  });
  it('puts layers where they belong', () => {
    const added = { id: 'x', type: 'line' };
    expect(insertAfter(served.layers, (layer) => layer.type === 'fill', [added]).map((layer) => layer.id)).toEqual([
      'water',
      'x',
      'register-dot',
    ]);
  });
});

describe('room beside what lies over the map', () => {
  const size = { width: 762, height: 692 };
  const legend = { left: 536, top: 463, right: 752, bottom: 682 };
  const chips = { left: 10, top: 10, right: 130, bottom: 46 };
  const apart = (a: typeof legend, b: typeof legend) =>
    a.left >= b.right || a.right <= b.left || a.top >= b.bottom || a.bottom <= b.top;

  it('is the whole map where nothing does', () => {
    expect(freeRectFor({ width: 1, height: 1 }, size, [], 16)).toEqual({ left: 16, top: 16, right: 746, bottom: 676 });
  });
  it('touches none of it, and goes above the legend for what is wide, beside it for what is high', () => {
    const wide = freeRectFor({ width: 4, height: 1 }, size, [legend, chips], 16);
    const high = freeRectFor({ width: 1, height: 4 }, size, [legend, chips], 16);
    for (const room of [wide, high]) for (const thing of [legend, chips]) expect(apart(room, thing)).toBe(true);
    expect(wide.right).toBe(746);
    expect(high.right).toBe(520);
    expect(high.bottom).toBe(676);
  });
  it('no free rectangle of random things is larger', () => {
    let seed = 7;
    const random = (most: number) => ((seed = (seed * 48271) % 2147483647) / 2147483647) * most;
    for (let round = 0; round < 60; round++) {
      const things = Array.from({ length: 4 }, () => {
        const [left, top] = [random(700), random(640)];
        return { left, top, right: left + 20 + random(200), bottom: top + 20 + random(150) };
      });
      const proportion = { width: 0.2 + random(2), height: 0.2 + random(2) };
      const scale = (room: typeof legend) =>
        Math.min((room.right - room.left) / proportion.width, (room.bottom - room.top) / proportion.height);
      const best = freeRectFor(proportion, size, things, 0);
      for (let tries = 0; tries < 400; tries++) {
        const [left, top] = [random(700), random(600)];
        const other = { left, top, right: left + 90 + random(600), bottom: top + 90 + random(600) };
        if (other.right > 762 || other.bottom > 692 || things.some((one) => !apart(one, other))) continue;
        expect(scale(best)).toBeGreaterThanOrEqual(scale(other) - 1e-9);
      }
    }
  });
  it('gives the whole map rather than a slit', () => {
    expect(
      freeRectFor(
        { width: 1, height: 1 },
        { width: 300, height: 300 },
        [{ left: 40, top: 40, right: 260, bottom: 260 }],
        8,
      ),
    ).toEqual({ left: 8, top: 8, right: 292, bottom: 292 });
  });
});

describe('what is shown beside things', () => {
  it('is shown once more where they change, until the reader does something', () => {
    let changed = () => {};
    const acts: Record<string, () => void> = {};
    const watches = { observe: vi.fn(), unobserve: vi.fn() };
    vi.stubGlobal('ResizeObserver', function (this: object, on: () => void) {
      changed = on;
      return watches;
    });
    vi.stubGlobal('window', { addEventListener: (name: string, act: () => void) => (acts[name] = act) });
    const chips = {} as Element;
    const gone = covers(chips);
    expect(watches.observe).toHaveBeenCalledWith(chips);
    let top = 10;
    const put = vi.fn();
    showIn(() => ({ left: 0, top, right: 100, bottom: 100 }), put);
    expect(put).toHaveBeenCalledTimes(1);
    changed();
    expect(put).toHaveBeenCalledTimes(1);
    top = 30;
    changed();
    expect(put).toHaveBeenLastCalledWith({ left: 0, top: 30, right: 100, bottom: 100 });
    for (const act of ['pointerdown', 'keydown', 'wheel', 'popstate']) {
      showIn(() => ({ left: 0, top, right: 100, bottom: 100 }), put);
      put.mockClear();
      acts[act]!();
      top += 1;
      changed();
      expect(put, act).not.toHaveBeenCalled();
    }
    showIn(() => ({ left: 0, top, right: 100, bottom: 100 }), put);
    settled();
    put.mockClear();
    top += 1;
    changed();
    expect(put).not.toHaveBeenCalled();
    gone();
    expect(watches.unobserve).toHaveBeenCalledWith(chips);
    vi.unstubAllGlobals();
  });
});
