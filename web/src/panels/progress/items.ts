// What is said of an item of the plan, and which items a reader looks for.
import type { PlanItem, PlanItemFigure, PlanItemTarget } from '../../api/types';
import { say } from '../../i18n/progress';
import { dataset } from '../../state/data.svelte';
import { chooseTable, EVERYWHERE, go } from '../../state/view.svelte';
import { sign, stated } from '../shared/targets';

export const STATUSES = ['done', 'under_way', 'not_started', 'stopped'] as const;
export type Status = (typeof STATUSES)[number] | 'unknown';
export const statusOf = (item: PlanItem): Status => item.latest?.status ?? 'unknown';

/** What calls for attention. */
export const LACKS = ['overdue', 'evidence', 'department', 'deadline'] as const;
export type Lack = (typeof LACKS)[number];
export const lacks = (item: PlanItem, what: Lack): boolean =>
  what === 'overdue'
    ? item.overdue
    : what === 'evidence'
      ? item.latest?.evidence === ''
      : what === 'department'
        ? !item.department
        : !item.deadline;

type Stated = NonNullable<PlanItemFigure['target']>;
const value = (one: Stated, unit: PlanItemFigure['unit']): string =>
  `${sign(one.comparator)}${stated(one.value, unit)}${one.period ? ` (${one.period})` : ''}`;
/** The target of an item; null where nobody states one. */
export const targetText = (figure: PlanItemFigure): string | null =>
  figure.target ? value(figure.target, figure.unit) : null;
/** What there is of it now; null where that is not known. */
export const actualText = (figure: PlanItemFigure): string | null =>
  figure.actual ? value(figure.actual, figure.unit) : figure.withheld ? say('withheld') : null;
/** What follows of both; empty where nothing does. */
export const verdict = (figure: PlanItemFigure): string =>
  figure.sample
    ? say('sample')
    : figure.reached === true
      ? say('reached')
      : figure.reached === false
        ? say('unreached')
        : '';

/** Shows what an item acts on: on the map, or among the items; null where there is nothing to be shown. */
export function shown(target: PlanItemTarget, openItem: (id: string) => void): (() => void) | null {
  const { zone, collection, feature, item } = target;
  const cluster = target.class ?? null;
  if (!target.known) return null;
  if (zone) return () => go({ ...EVERYWHERE, mode: 'browse', zone });
  if (item) return () => openItem(item);
  if (collection && feature) return () => go({ ...EVERYWHERE, mode: 'browse', item: `${collection}:${feature}` });
  if (!cluster) return null;
  return () => {
    if (collection) chooseTable(collection === dataset.value?.tables[0]?.id ? null : collection);
    go({ mode: 'browse', cluster });
  };
}

/** Halves of years, as the service names them: that of a day, and those before it. */
export function halves(day: string, count: number): { id: string; year: number; half: 1 | 2 }[] {
  const last = Number(day.slice(0, 4)) * 2 + (day.slice(5, 7) > '06' ? 1 : 0);
  return Array.from({ length: count }, (_, back) => {
    const [year, half] = [Math.floor((last - back) / 2), ((last - back) % 2) + 1];
    return { id: `${year}H${half}`, year, half: half as 1 | 2 };
  });
}
