// Reads the plan's document and the indicators for the plan block: only what is really there.
import type { Indicator, Plan } from '../../api/types';
import { groupsOf, growthOf, type Point } from '../shared/targets';

export interface Line {
  code: string;
  zh: string;
  en?: string;
}
/** A text of the plan's file: in both languages, or one string for both. */
const text = (value: unknown): { zh: string; en: string } | null => {
  if (typeof value === 'string') return { zh: value, en: value };
  const { zh, en } = object(value);
  return typeof zh === 'string' ? { zh, en: typeof en === 'string' ? en : zh } : null;
};
const lines = (value: unknown): Line[] =>
  Array.isArray(value)
    ? value.flatMap((one) => {
        const said = text(one);
        return said ? [{ ...object(one), code: String(object(one).code ?? ''), ...said }] : [];
      })
    : [];
const object = (value: unknown): Record<string, unknown> =>
  value && typeof value === 'object' ? (value as Record<string, unknown>) : {};

export interface PlanParts {
  title: { zh: string; en: string } | null;
  slogan: Line | null;
  groups: { head: Line; items: Line[] }[];
  targets: Line[];
  measures: Line[];
  guarantees: Line[];
  scenarios: Line[];
  note: { zh: string; en: string } | null;
}
export function planParts(plan: Plan | null): PlanParts {
  const p = object(plan);
  const positioning = object(p.positioning);
  return {
    title: text(p.title),
    slogan: lines([positioning])[0] ?? null,
    groups: lines(positioning.groups).map((head) => ({
      head,
      items: lines((head as unknown as { items: unknown }).items),
    })),
    targets: lines(p.targets),
    measures: lines(p.measures),
    guarantees: lines(p.guarantees),
    scenarios: lines(p.scenarios),
    note: text(p.note),
  };
}

export interface Target {
  head: Indicator;
  base: Point;
  floor: Point;
  path: Point[];
  /** Yearly growth of the path, in percent, as its indicator is named. */
  growth: number;
  /** Yearly growth that the floor needs. */
  rate: number;
}
/** The first indicator of the whole with a real figure, a target and a reckoned path; null where there is none. */
export function pathTarget(rows: readonly Indicator[]): Target | null {
  for (const group of groupsOf(rows)) {
    const [base, floor, end] = [group.actual[0], group.target[0], group.path.at(-1)];
    if (group.zone || !base || !floor || !end || floor.year <= base.year) continue;
    return {
      head: group.head,
      base,
      floor,
      path: [base, ...group.path],
      growth: growthOf(group),
      rate: (floor.value / base.value) ** (1 / (floor.year - base.year)) - 1,
    };
  }
  return null;
}
