// A target in words: its figure, unit and year, and how much of it is there.
import type { PlanTarget } from '../../api/types';
import { percent } from '../../i18n/format';
import { say } from '../../i18n/targets';
import { stated } from '../shared/targets';

export const saidOf = (one: PlanTarget): string =>
  [stated(one.value, one.unit), one.year ? say('of', { year: one.year }) : ''].filter(Boolean).join(' ');

/** How much of a target is there. */
export const coverOf = (one: PlanTarget): string => {
  if (typeof one.actual !== 'number') return say('cover.unknown');
  const period = one.actual_period ? say('of', { year: one.actual_period }) : '';
  const now = stated(one.actual, one.unit);
  return typeof one.share === 'number'
    ? say('cover', { share: percent(one.share), now, period })
    : say('cover.rate', { now, period });
};
