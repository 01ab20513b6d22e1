// Reads the plan's document and the indicators for the plan block: only what is really there.
import type { Indicator, Plan } from '../../api/types';

export interface Line {
  code: string;
  zh: string;
  en?: string;
}
const lines = (value: unknown): Line[] =>
  Array.isArray(value) ? value.filter((one): one is Line => typeof one?.zh === 'string') : [];
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
    title: (p.title as PlanParts['title']) ?? null,
    slogan: lines([positioning])[0] ?? null,
    groups: lines(positioning.groups).map((head) => ({
      head,
      items: lines((head as unknown as { items: unknown }).items),
    })),
    targets: lines(p.targets),
    measures: lines(p.measures),
    guarantees: lines(p.guarantees),
    scenarios: lines(p.scenarios),
    note: (p.note as PlanParts['note']) ?? null,
  };
}

export interface Target {
  base: { year: number; value: number };
  floor: { year: number; value: number };
  path: { year: number; value: number }[];
  /** Yearly growth that the floor needs. */
  rate: number;
}
/** Base, floor and 15 % path of the plan's revenue; null unless all three are given. */
export function revenueTarget(rows: readonly Indicator[]): Target | null {
  const pick = (name: string, kind: string) =>
    rows
      .filter((row) => row.indicator === name && row.kind === kind && row.year && !row.zone)
      .map((row) => ({ year: row.year!, value: row.value! }));
  const base = pick('ai_revenue', 'actual')[0];
  const floor = pick('ai_revenue', 'target')[0];
  const path = rows
    .filter((row) => row.indicator === 'ai_revenue_path_15' && row.year)
    .map((row) => ({ year: row.year!, value: row.value! }));
  if (!base || !floor || !path.length) return null;
  return {
    base,
    floor,
    path: [base, ...path.sort((a, b) => a.year - b.year)],
    rate: (floor.value / base.value) ** (1 / (floor.year - base.year)) - 1,
  };
}
