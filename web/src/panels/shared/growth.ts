// How a sum changed, in words: never without how many rows stand behind it.
import type { Amount } from '../../api/types';
import { t } from '../../i18n';
import { number, percent, periodName } from '../../i18n/format';

/** An arrow and by how much; alike within half a thousandth. */
export const arrow = (rate: number): string =>
  `${rate > 0.0005 ? '▲' : rate < -0.0005 ? '▼' : '='} ${percent(Math.abs(rate))}`;

/** A change, and how many rows have a value: to be read with it where the rows that are compared are not all that have one. */
type Change = { text: string; why: string; partial: boolean };

/** The change from an earlier period over the rows that have a value in both, usually from the year before; empty where none is known. */
export function likeForLike(amount: Amount, growth = amount.growth): Change | null {
  if (!growth) return null;
  const before = periodName(growth.period);
  const why = t('growth.coverage', {
    before,
    a: number(growth.reported),
    all: number(growth.rows),
    now: periodName(amount.period ?? null),
    b: number(amount.reported),
    whole: number(amount.reported + amount.missing),
  });
  if (growth.withheld) return { text: t('growth.withheld', { before }), why, partial: true };
  if (typeof growth.rate !== 'number') return null;
  const [rate, both] = [arrow(growth.rate), number(growth.both)];
  return {
    text: t('growth.rate', { before, rate, both }),
    why,
    partial: growth.both !== growth.reported || growth.both !== amount.reported,
  };
}
