// The plan's figures beside the real ones: rows of one indicator, one scope, one zone and one unit, and never of two.
import type { Indicator } from '../../api/types';
import { pick } from '../../i18n';
import { declaredUnits, number, withUnit } from '../../i18n/format';

export interface Point {
  year: number;
  value: number;
  row: Indicator;
}
export interface Group {
  key: string;
  zone: string;
  head: Indicator;
  actual: Point[];
  target: Point[];
  draft: Point[];
  /** Reckoned from a rate of growth; not the plan's own words. */
  path: Point[];
  /** Rows whose year nobody states: listed, not drawn. */
  undated: Indicator[];
}

/** What a row says in the reader's language; alike where it has no English. */
export const written = (row: Indicator, what: 'unit' | 'source' | 'note'): string =>
  pick({ zh: row[what], en: row[`${what}_en`] || row[what] });

/** Decimals of a figure in a sentence, at most. */
const MOST_DECIMALS = 3;
/** A figure and its unit as they stand in a sentence: in a unit that the dataset declares for the language, the large one from
 *  1 on. A unit such as “100 million yuan” is for heads of columns. */
export function stated(value: number, unit: { zh: string; en: string }): string {
  const declared = declaredUnits(unit);
  const scaled = declared && (Math.abs(value) >= declared.large.factor ? declared.large : declared.small);
  const shown = value / (scaled?.factor ?? 1);
  const holds = (digits: number) => Math.abs(shown - Number(shown.toFixed(digits))) <= Math.abs(shown) * 1e-12;
  const digits = [0, 1, 2].find(holds) ?? MOST_DECIMALS;
  return withUnit(number(shown, digits), scaled?.name ?? pick(unit));
}
/** How exact a figure of the plan is, before it. */
const SIGNS: Record<string, string> = { ge: '≥', gt: '>', approx: '≈' };
export const sign = (comparator: string): string => SIGNS[comparator] ?? '';
/** A row's figure with its unit as they stand in a sentence. */
export const figureOf = (row: Indicator, value = row.value): string =>
  stated(value, { zh: row.unit, en: row.unit_en || row.unit });

const PATH = /_path_(\d+)$/;
/** The yearly growth, in percent, by which a path was reckoned: its indicator is named after it. */
export const growthOf = (group: Group): number => Number(PATH.exec(group.path[0]?.row.indicator ?? '')?.[1] ?? 0);
export function groupsOf(rows: readonly Indicator[]): Group[] {
  const groups = new Map<string, Group>();
  for (const row of rows) {
    const key = [row.indicator.replace(PATH, ''), row.scope, row.zone, row.unit].join('|');
    let group = groups.get(key);
    if (!group)
      groups.set(
        key,
        (group = { key, zone: row.zone, head: row, actual: [], target: [], draft: [], path: [], undated: [] }),
      );
    if (PATH.test(group.head.indicator)) group.head = row;
    if (row.year === null || row.year === undefined) {
      group.undated.push(row);
      continue;
    }
    const into = PATH.test(row.indicator)
      ? 'path'
      : row.kind === 'actual' || row.kind === 'target' || row.kind === 'draft'
        ? row.kind
        : null;
    if (into) group[into].push({ year: row.year, value: row.value, row });
  }
  for (const group of groups.values())
    for (const part of [group.actual, group.target, group.draft, group.path]) part.sort((a, b) => a.year - b.year);
  return [...groups.values()];
}

export const dated = (group: Group): number =>
  group.actual.length + group.target.length + group.draft.length + group.path.length;
/** Whether there is a target and something to set against it. */
export const charted = (group: Group): boolean =>
  dated(group) >= 2 &&
  group.target.length > 0 &&
  new Set([...group.actual, ...group.target, ...group.path].map((one) => one.year)).size > 1;

export interface Gap {
  target: Point;
  /** The real figure of the target's year, or the last before it. */
  actual: Point | null;
  /** Real over target, less 1; only where both are of one year. */
  part: number | null;
  /** Yearly growth from the last real figure to the target. */
  rate: number | null;
}
/** What is missing to the last target. */
export function gapOf(group: Group): Gap | null {
  const target = group.target.at(-1);
  if (!target) return null;
  const actual = group.actual.filter((one) => one.year <= target.year).at(-1) ?? null;
  const same = actual?.year === target.year;
  return {
    target,
    actual,
    part: actual && same && target.value ? actual.value / target.value - 1 : null,
    rate:
      actual && !same && actual.value > 0 && target.value > 0
        ? (target.value / actual.value) ** (1 / (target.year - actual.year)) - 1
        : null,
  };
}

/** Steps of an axis from 0 that end at or above a value. */
export function steps(most: number, wanted = 4): number[] {
  const raw = Math.max(most, 1e-9) / wanted;
  const ten = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].map((n) => n * ten).find((n) => n >= raw) ?? 10 * ten;
  return Array.from({ length: Math.ceil(most / step - 1e-9) + 1 }, (_, i) => i * step);
}
