// Levels of zones, the zooms of a dataset and the language of its texts: datasets of any size and shape.
import { describe, expect, it } from 'vitest';
import type { Dataset, ZoneKind, ZoneRow } from '../src/api/types';
import { around, levelAt, levels } from '../src/map/shaded';
import { zoomsOf } from '../src/map/zooms';
import { onlyInChinese } from '../src/state/description';
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
  const titled = (zh: string, en?: string) => onlyInChinese({ title: { zh, en } } as Dataset);
  it('is Chinese where its title has no English', () => {
    expect(titled('小城')).toBe(true);
    expect(titled('小城', '小城')).toBe(true);
    expect(titled('小城', 'Tinyville')).toBe(false);
    expect(titled('Tinyville', 'Tinyville')).toBe(false);
  });
});

describe('what is shaded', () => {
  const kind = (id: string, count: number, parent: string | null, districts = false) =>
    ({ id, count, parent, districts, partition: true }) as ZoneKind;
  const [state, region, place] = [
    kind('state', 4, null),
    kind('region', 40, 'state', true),
    kind('place', 900, 'region'),
  ];
  const park = { ...kind('park', 7, 'region'), partition: false };
  it('follows the zoom from the districts down, by how wide zones are on the screen', () => {
    const of = [park, place, region, state];
    expect(ids(levels(of))).toEqual(['state', 'region', 'place']);
    expect(levelAt(of, 4, 4)?.id).toBe('region');
    expect(levelAt(of, 4, 6)?.id).toBe('region');
    expect(levelAt(of, 8, 4)?.id).toBe('place');
    expect(levelAt([park], 8, 4)).toBe(null);
    const circle = [kind('a', 1, 'b', true), kind('b', 1, 'a')];
    expect(ids(levels(circle))).toEqual(['b', 'a']);
  });
  it('is what lies below the chosen zone, else what lies beside it', () => {
    const row = (id: string, zone_kind: string, parent: string | null = null) => ({ id, zone_kind, parent }) as ZoneRow;
    const rows = [row('r1', 'region', 's1'), row('r2', 'region', 's1'), row('r3', 'region', 's2')];
    const all = [
      { kind: park, zones: [row('p1', 'park', 'r1')] },
      { kind: state, zones: [row('s1', 'state'), row('s2', 'state')] },
      { kind: region, zones: rows },
    ];
    const ofZone = (zone: ZoneRow | null) => ids(around(all, zone)?.zones ?? []);
    expect(ofZone(row('s1', 'state'))).toEqual(['r1', 'r2']);
    expect(ofZone(rows[0]!)).toEqual(['r1', 'r2']);
    // alone below its parent, of no partition, and nothing chosen: the level of the zoom
    expect(around(all, rows[2]!)).toBe(null);
    expect(around(all, row('p1', 'park', 'r1'))).toBe(null);
    expect(around(all, null)).toBe(null);
  });
});
