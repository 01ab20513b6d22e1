// Comparison: rows of the matrix, files made of it, targets that keep to their scope, maps that move together.
import { describe, expect, it } from 'vitest';
import type { Indicator, Summary } from '../src/api/types';
import { across, middle, zoomFor } from '../src/map/pair/position';
import { project } from '../src/map/labelLayout';
import { change, rowsOf, side } from '../src/panels/compare/matrix';
import { csv, tsv } from '../src/panels/shared/csv';
import { charted, gapOf, groupsOf, steps } from '../src/panels/shared/targets';

const amount = (sum: number | null, missing = 0) => ({
  sum,
  unit: { zh: 'u', en: 'u' },
  reported: 1,
  missing,
  withheld: sum === null,
});
const summary = (matched: number, revenue: number | null, vision: number): Summary =>
  ({
    counts: { matched },
    city: { count: 200 },
    totals: { revenue: amount(revenue, 3) },
    class_mix: { hhi: 0.2, entropy: 1.6 },
    clusters: [{ code: 'vision', count: vision, lq: 1.5, amounts: { revenue: amount(revenue) } }],
  }) as never;
const clusters = [
  { code: 'vision', name: { zh: 'v', en: 'v' }, mark: 'v', color: '#000000', color_dark: '#ffffff' },
] as never;

describe('matrix', () => {
  it('has a cell for each zone, and what it was in the other year', () => {
    const rows = rowsOf(
      [summary(50, 120, 9), summary(20, null, 2)],
      [summary(50, 100, 9), summary(20, 0, 2)],
      ['revenue'],
      clusters,
      'count',
    );
    expect(rows.map((row) => row.key)).toEqual([
      'count',
      'share',
      'revenue',
      'revenue-missing',
      'hhi',
      'cluster-vision',
    ]);
    expect(rows[0]!.cells.map((cell) => cell.value)).toEqual([50, 20]);
    expect(rows[1]!.cells[0]!.value).toBe(0.25);
    expect(change(rows[2]!.cells[0]!)).toBeCloseTo(0.2);
    expect(rows[2]!.cells[1]).toMatchObject({ value: null, withheld: true });
    expect(change(rows[2]!.cells[1]!)).toBeNull();
    expect(rows[3]!.cells[0]!.value).toBe(3);
    expect(rows[5]!.cells[0]).toMatchObject({ value: 9, lq: 1.5 });
    expect(rowsOf([summary(50, 120, 9)], null, [], clusters, 'revenue').at(-1)!.cells[0]!.value).toBe(120);
  });
  it('marks quotients by what is printed: 1.00 is neither above nor below', () => {
    expect([1.42, 1.004, 0.996, 0.61, null].map(side)).toEqual(['above', 'even', 'even', 'below', null]);
  });
  it('writes files that a spreadsheet reads and does not run', () => {
    const lines = [
      ['a', 'x,"y"', null],
      ['=1+1', -2, 0.5],
    ];
    expect(csv(lines)).toBe('\uFEFFa,"x,""y""",\r\n\'=1+1,-2,0.5\r\n');
    expect(tsv([['a\tb', 1]])).toBe('a b\t1');
  });
});

const row = (
  indicator: string,
  scope: string,
  zone: string,
  year: number | null,
  value: number,
  kind: string,
): Indicator =>
  ({
    indicator,
    scope,
    zone,
    year,
    value,
    kind,
    unit: 'u',
    title_zh: indicator,
    title_en: indicator,
    scope_en: scope,
    comparator: 'ge',
    source: 's',
    note: '',
    unit_en: '',
    source_en: '',
    note_en: '',
  }) as Indicator;

describe('targets', () => {
  const rows = [
    row('revenue', 'ai', '', 2020, 1557.57, 'actual'),
    row('revenue', 'ai', '', 2025, 3000, 'target'),
    row('revenue_path_15', 'ai', '', 2021, 1791.2, 'target'),
    row('revenue', 'core', '', 2025, 3900, 'actual'),
    row('revenue', 'ai', '330110', 2025, 1000, 'target'),
    row('revenue', 'core', '', null, 4600, 'actual'),
  ];
  const groups = groupsOf(rows);
  it('never meet a figure of another scope or zone', () => {
    expect(groups.map((group) => group.key)).toEqual(['revenue|ai||u', 'revenue|core||u', 'revenue|ai|330110|u']);
    expect(groups.map(charted)).toEqual([true, false, false]);
    expect(groups[1]!.undated).toHaveLength(1);
    expect(gapOf(groups[2]!)).toMatchObject({ actual: null, part: null, rate: null });
  });
  it('say what is missing: a part in the same year, else the growth that is needed', () => {
    const gap = gapOf(groups[0]!)!;
    expect(gap.part).toBeNull();
    expect(gap.rate).toBeCloseTo(0.14, 3);
    expect(gapOf(groupsOf([...rows, row('revenue', 'ai', '', 2025, 2700, 'actual')])[0]!)!.part).toBeCloseTo(-0.1);
  });
  it.each([0.3, 7, 3132.8, 10_000])('have an axis that ends at or above %f', (most) => {
    const marks = steps(most);
    expect(marks[0]).toBe(0);
    expect(marks.at(-1)!).toBeGreaterThanOrEqual(most - 1e-9);
    expect(marks.length).toBeLessThanOrEqual(7);
  });
});

describe('two maps', () => {
  const [a, b] = [
    [119.8, 30.1, 120.2, 30.5],
    [120.1, 30.0, 120.3, 30.3],
  ] as const;
  it('keep their distance and come back to where they were', () => {
    const lead = [119.95, 30.42] as const;
    const other = across(lead, middle(a), middle(b));
    expect(across(other, middle(b), middle(a))[0]).toBeCloseTo(lead[0], 9);
    expect(across(middle(a), middle(a), middle(b))[1]).toBeCloseTo(middle(b)[1], 9);
    expect(across(lead, middle(a), middle(a))[1]).toBeCloseTo(lead[1], 9);
  });
  it('choose a zoom in which a box just has room', () => {
    const zoom = zoomFor(a, 500, 300, 13.5);
    const [from, to] = [project([a[0], a[1]], zoom), project([a[2], a[3]], zoom)];
    expect(Math.max((to.x - from.x) / 500, (from.y - to.y) / 300)).toBeCloseTo(1, 6);
  });
});
