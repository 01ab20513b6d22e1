// The matrix of zones and figures as plain rows, and as the text of a file; pure, so that it can be tested.
import type { Amount, Cluster, Summary } from '../../api/types';

export type Kind = 'count' | 'share' | 'amount' | 'missing' | 'ratio' | 'lq';
export interface Cell {
  value: number | null;
  /** The same in the other period. */
  before?: number | null;
  amount?: Amount;
  /** The sum of the other year. */
  was?: Amount;
  withheld?: boolean;
  /** Location quotient beside a cluster's figure. */
  lq?: number | null;
}
export interface Row {
  key: string;
  kind: Kind;
  /** Metric behind it, for name and unit. */
  metric?: string;
  /** Cluster behind it; null is "without cluster". */
  code?: string | null;
  cells: Cell[];
}

const share = (summary: Summary): number | null =>
  summary.city.count ? summary.counts.matched / summary.city.count : null;
const money = (amount: Amount | null | undefined): Cell =>
  amount ? { value: amount.sum ?? null, amount, withheld: amount.withheld } : { value: null };

/** Rows for columns in their order; `before` holds the same columns in another period, or nothing. */
export function rowsOf(
  columns: readonly Summary[],
  before: readonly Summary[] | null,
  metrics: readonly string[],
  clusters: readonly Cluster[],
  by: string,
): Row[] {
  const make = (key: string, kind: Kind, of: (summary: Summary) => Cell, more: Partial<Row> = {}): Row => ({
    key,
    kind,
    ...more,
    cells: columns.map((summary, i) => {
      const other = before?.[i];
      if (!other) return of(summary);
      const then = of(other);
      return { ...of(summary), before: then.value, ...(then.amount ? { was: then.amount } : {}) };
    }),
  });
  const inCluster =
    (code: string | null) =>
    (summary: Summary): Cell => {
      const row = summary.clusters.find((one) => (one.code ?? null) === code);
      if (!row) return { value: null, lq: null };
      const own = by === 'count' ? { value: row.count } : money(row.amounts[by]);
      return { ...own, lq: code === null ? null : (row.lq ?? null) };
    };
  const codes: (string | null)[] = clusters.map((one) => one.code);
  if (columns.some((summary) => summary.clusters.some((one) => !one.code && one.count))) codes.push(null);
  return [
    make('count', 'count', (summary) => ({ value: summary.counts.matched })),
    make('share', 'share', (summary) => ({ value: share(summary) })),
    ...metrics.flatMap((metric) => [
      make(metric, 'amount', (summary) => money(summary.totals[metric]), { metric }),
      make(`${metric}-missing`, 'missing', (summary) => ({ value: summary.totals[metric]?.missing ?? null }), {
        metric,
      }),
    ]),
    make('hhi', 'ratio', (summary) => ({ value: summary.class_mix.hhi ?? null })),
    ...codes.map((code) =>
      make(`cluster-${code}`, by === 'count' ? 'count' : 'amount', inCluster(code), {
        code,
        ...(by === 'count' ? {} : { metric: by }),
      }),
    ),
  ];
}

/** How a figure changed: by how much of what it was; null where either is unknown. */
export const change = (cell: Cell): number | null =>
  cell.before === undefined || cell.before === null || cell.value === null || cell.before === 0
    ? null
    : cell.value / cell.before - 1;

/** Above or below the city's share. Within a hundredth of 1 it is neither. */
export const side = (lq: number | null | undefined): 'above' | 'below' | 'even' | null =>
  lq === null || lq === undefined ? null : lq >= 1.005 ? 'above' : lq < 0.995 ? 'below' : 'even';
