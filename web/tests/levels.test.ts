// Levels of zones, the zooms of a dataset and the language of its texts: datasets of any size and shape.
import { describe, expect, it } from 'vitest';
import type { Dataset, ZoneKind } from '../src/api/types';
import { zoomsOf } from '../src/map/zooms';
import { inChinese } from '../src/state/description';
import { below, beside, pathTo } from '../src/state/levels';

const zone = (id: string, zone_kind: string, parent: string | null = null) => ({ id, zone_kind, parent });
const county = zone('c', 'county');
const towns = [zone('t1', 'town', 'c'), zone('t2', 'town', 'c'), zone('t3', 'town', 'd')];
const blocks = [zone('b1', 'block', 't1'), zone('lost', 'block')];
const kinds = [
  { kind: { id: 'county' } as ZoneKind, zones: [county, zone('d', 'county')] },
  { kind: { id: 'town' } as ZoneKind, zones: towns },
  { kind: { id: 'block' } as ZoneKind, zones: blocks },
];
const all = kinds.flatMap((one) => one.zones);
const ids = (list: readonly { id: string }[]) => list.map((one) => one.id);

describe('levels', () => {
  it('lead from the highest zone to the chosen one', () => {
    expect(ids(pathTo(all, 'b1'))).toEqual(['c', 't1', 'b1']);
    expect(ids(pathTo(all, 'c'))).toEqual(['c']);
    expect(pathTo(all, null)).toEqual([]);
    expect(pathTo(all, 'unknown')).toEqual([]);
    const circle = [zone('x', 'k', 'y'), zone('y', 'k', 'x')];
    expect(ids(pathTo(circle, 'x'))).toEqual(['y', 'x']);
  });
  it('list what lies below a zone by kind, and at first what has nothing above it', () => {
    expect(below(kinds, 'c').map((one) => [one.kind.id, ids(one.zones)])).toEqual([['town', ['t1', 't2']]]);
    expect(below(kinds, null).map((one) => [one.kind.id, ids(one.zones)])).toEqual([
      ['county', ['c', 'd']],
      ['block', ['lost']],
    ]);
    expect(below(kinds, 'b1')).toEqual([]);
  });
  it('compare zones of one kind below one zone', () => {
    expect(ids(beside(all, towns[0]!))).toEqual(['t1', 't2']);
    expect(beside(all, county)).toEqual([]);
  });
});

const data = (whole: number, rows: number, districts = true) =>
  ({ zooms: { whole, rows }, zone_kinds: [{ id: 'k', partition: true, districts }] }) as unknown as Dataset;

describe('zooms', () => {
  it('follow the dataset: a country is seen from afar, a village from near', () => {
    for (const [whole, rows] of [
      [3.2, 6],
      [8.2, 11],
      [14.7, 15.5],
    ] as const) {
      const zooms = zoomsOf(data(whole, rows));
      expect(zooms.least).toBeLessThan(whole);
      expect(zooms.least).toBeGreaterThanOrEqual(0);
      expect(zooms.apart).toBe(rows);
      expect(zooms.nearest).toBeGreaterThan(rows);
      expect(11 + zooms.shift).toBe(rows);
    }
    expect(zoomsOf(data(0, 3)).least).toBe(0);
  });
  it('draw rows always where no zones could be shaded', () => {
    expect(zoomsOf(data(8, 11, false)).apart).toBe(0);
    expect(zoomsOf(null).apart).toBe(11);
  });
});

describe('the language of a dataset', () => {
  const named = (zh: string, title: string) =>
    ({ title: { zh, en: zh }, collections: [{ title: { zh: title, en: title } }], metrics: [] }) as unknown as Dataset;
  it('is Chinese where any title is', () => {
    expect(inChinese(named('小城', 'Mills'))).toBe(true);
    expect(inChinese(named('Tinyville', '磨坊'))).toBe(true);
    expect(inChinese(named('Tinyville', 'Mills'))).toBe(false);
  });
});
