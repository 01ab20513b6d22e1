// A dataset as it describes itself: four metrics and three kinds of zones that the page has never heard of, one, and none.
import { describe, expect, it } from 'vitest';
import type { StyleLayer } from '../src/api/style';
import type { Dataset, Summary } from '../src/api/types';
import { groupOf, groupOfKind, groupsOf, isCell } from '../src/map/style';
import { chosenLayer, middle, shade } from '../src/map/layers';
import { zoomsOf } from '../src/map/zooms';
import { rowsOf } from '../src/panels/compare/matrix';
import {
  clusterColumn,
  collectionOf,
  metricColumn,
  metricOf,
  metricOfColumn,
  namesIn,
  partitionCollections,
  partitionOf,
  shownGroups,
  toggled,
  zoneCollections,
  zoneKindOf,
} from '../src/state/description';

const text = (zh: string) => ({ zh, en: zh });
const metric = (id: string, years: number[], decimals = 0) => ({
  id,
  title: text(id),
  unit: text('u'),
  decimals,
  kind: 'flow' as const,
  restricted: false,
  years,
  periods: years.map(String),
  columns: Object.fromEntries(years.map((year) => [year, `${id}-in-${year}`])),
});
const kind = (id: string, collections: string[], partition = false) => ({
  id,
  title: text(id),
  collections,
  partition,
  districts: partition,
});
const group = (id: string, visible = true) => ({ id, title: text(id), symbol: 'line' as const, visible });
const collection = (id: string, role: string, name: string | null = null) => ({
  id,
  role,
  name,
  name_en: name && `${name}_en`,
});

const four = {
  metrics: [metric('tax', [2021, 2022]), metric('floor', [2022], 1), metric('patents', [2022]), metric('land', [2021])],
  zone_kinds: [kind('campus', ['campuses']), kind('ward', ['wards'], true), kind('valley', ['north', 'south'])],
  layer_groups: [group('borders'), group('spine'), group('wild', false)],
  register_columns: { cluster: 'trade', district: 'ward' },
  collections: [
    collection('wards', 'districts', 'label'),
    collection('frame', 'layout', 'label'),
    collection('shops', 'register', 'label'),
  ],
} as unknown as Dataset;
const one = {
  metrics: [metric('catch', [1999])],
  zone_kinds: [kind('island', ['islands'], true)],
  layer_groups: [group('islands')],
  collections: [],
} as unknown as Dataset;
const none = { metrics: [], zone_kinds: [], layer_groups: [], collections: [] } as unknown as Dataset;

describe('metrics', () => {
  it('are found by id, and by the property of a year', () => {
    expect(metricOf(four, 'land')?.id).toBe('land');
    expect(metricColumn(four, 'tax', '2022')).toBe('tax-in-2022');
    expect(metricColumn(four, 'land', '2022')).toBeNull();
    expect(metricColumn(four, 'tax', null)).toBe('tax-in-2022');
    expect(metricOfColumn(four, 'floor-in-2022')?.id).toBe('floor');
    expect(metricOfColumn(four, 'founded')).toBeNull();
    expect(metricColumn(one, 'catch', '1999')).toBe('catch-in-1999');
    for (const data of [none, null]) expect(metricOf(data, 'tax')).toBeNull();
  });
  const amounts = (data: Dataset) =>
    Object.fromEntries(
      data.metrics.map(({ id }, i) => [
        id,
        { sum: 10 * (i + 1), unit: text('u'), reported: 1, missing: i, withheld: false },
      ]),
    );
  const summary = (data: Dataset): Summary =>
    ({
      counts: { matched: 3 },
      city: { count: 6 },
      totals: amounts(data),
      class_mix: { hhi: 0.5, entropy: 0.69 },
      clusters: [{ code: 'loom', count: 2, lq: 1, amounts: amounts(data) }],
    }) as never;
  it.each([
    [four, ['tax', 'floor', 'patents', 'land']],
    [one, ['catch']],
    [none, []],
  ])('fill the comparison, all of them and no other (%#)', (data, ids) => {
    const rows = (by: string) =>
      rowsOf(
        [summary(data)],
        [summary(data)],
        data.metrics.map(({ id }) => id),
        [{ code: 'loom' }] as never,
        by,
      );
    expect(
      rows('count')
        .filter((row) => row.kind === 'amount')
        .map((row) => row.metric),
    ).toEqual(ids);
    expect(rows('count').filter((row) => row.kind === 'missing')).toHaveLength(ids.length);
    for (const [i, id] of ids.entries())
      expect(rows(id).at(-1)).toMatchObject({ code: 'loom', metric: id, cells: [{ value: 10 * (i + 1) }] });
  });
});

describe('zones', () => {
  it('divide by the partition, whatever it is called and wherever it stands', () => {
    expect(partitionOf(four)?.id).toBe('ward');
    expect(partitionCollections(four)).toEqual(['wards']);
    expect(zoneCollections(four)).toEqual(['campuses', 'wards', 'north', 'south']);
    expect(zoneKindOf(four, 'valley')?.title.zh).toBe('valley');
    expect(partitionOf(one)?.id).toBe('island');
    for (const data of [none, null]) {
      expect(partitionOf(data)).toBeNull();
      expect(zoneCollections(data)).toEqual([]);
    }
  });
  it('are drawn from their own collections', () => {
    const layers = middle('light', zoneCollections(four));
    for (const id of zoneCollections(four)) {
      expect(layers.find((layer) => layer.id === chosenLayer(id))?.['source-layer']).toBe(id);
      expect(layers.find((layer) => layer.id === `page-hover-${id}`)?.['source-layer']).toBe(id);
    }
    expect(partitionCollections(four).flatMap((id) => shade(id, zoomsOf(null)))[0]!['source-layer']).toBe('wards');
    expect(new Set(layers.map((layer) => layer.id)).size).toBe(layers.length);
  });
});

describe('collections', () => {
  it('are found by role, and their names by property', () => {
    expect(collectionOf(four, 'layout')).toBe('frame');
    expect(collectionOf(four, 'lead')).toBeNull();
    expect(namesIn(four, 'shops', { name: 'no', label: 'yes', label_en: 'Yes' })).toEqual({
      name: 'yes',
      name_en: 'Yes',
    });
    expect(namesIn(four, 'elsewhere', { name: 'plain' })).toEqual({ name: 'plain', name_en: null });
    expect(clusterColumn(four)).toBe('trade');
  });
});

describe('layer groups', () => {
  it('are shown as the dataset has them until the reader chooses', () => {
    expect([...shownGroups(four, null)]).toEqual(['borders', 'spine']);
    expect([...shownGroups(four, new Set(['wild', 'axis', 'belt']))]).toEqual(['wild']);
    expect([...shownGroups(none, null)]).toEqual([]);
  });
  it('are switched, and back to where they were is no choice', () => {
    const off = toggled(four, null, 'spine');
    expect([...off!]).toEqual(['borders']);
    expect(toggled(four, off, 'spine')).toBeNull();
    expect([...toggled(four, new Set(['axis']), 'wild')!]).toEqual(['wild']);
  });
  const layer = (id: string, from: string, to: string | null, filter?: unknown): StyleLayer => ({
    id,
    type: 'line',
    'source-layer': from,
    ...(to ? { metadata: { 'shigu:group': to } } : {}),
    ...(filter ? { filter } : {}),
  });
  const layers = [
    layer('ridge', 'frame', 'spine', ['==', ['get', 'kind'], 'ridge']),
    layer('gate', 'frame', 'halts', ['all', ['==', ['get', 'kind'], 'gate'], ['has', 'x']]),
    layer('names', 'frame-label', 'spine'),
    layer('ground', 'wards', null),
    layer('cells', 'shops', null, ['has', 'n']),
  ];
  it('are what the layers of the style say', () => {
    expect(layers.map(groupOf)).toEqual(['spine', 'halts', 'spine', null, null]);
    expect(groupsOf(layers, 'frame')).toEqual(['spine', 'halts']);
    expect(groupsOf(layers, 'wards')).toEqual([]);
    expect(groupOfKind(layers, 'frame', 'gate')).toBe('halts');
    expect(groupOfKind(layers, 'frame', 'other')).toBe('spine');
    expect(groupOfKind(layers, 'wards', 'gate')).toBeNull();
    expect(layers.filter((one) => isCell(one, 'shops')).map((one) => one.id)).toEqual(['cells']);
  });
});
