// The value of a wish as it is read.
import type { SiteSelection } from '../../api/types';
import { pick } from '../../i18n';
import { distance, number, percent, withUnit } from '../../i18n/format';
import { say } from '../../i18n/sites';

type Column = SiteSelection['wishes'][number];
type Part = SiteSelection['sites'][number]['parts'][number];

export function valueText(of: Column, value: number | null | undefined): string {
  if (value === null || value === undefined) return say('unknown');
  // of a code its name says more than its place in the list
  const code = of.codes[of.codes.length - value];
  if (code) return pick(code);
  if (of.by === 'growth') return percent(value);
  if (of.by === 'quotient') return number(value, 2);
  if (of.by === 'distance') return distance(Math.round(value));
  return withUnit(number(value, Number.isInteger(value) ? 0 : 1), pick(of.unit));
}
/** With the zone that it is of. */
export function partText(of: Column, part: Part): string {
  const named = of.codes.length ? '' : pick(part.of);
  const value = valueText(of, part.value);
  return named && part.value !== null && part.value !== undefined ? `${value} (${named})` : value;
}
/** Colours of the wishes' parts of a bar, in their order. */
export const COLOURS = ['#2c6fbb', '#d08a1d', '#3b8f5a', '#a4508b', '#c0524a', '#5b6abf', '#8a7a2f', '#2f8f9d'];
export const colour = (at: number): string => COLOURS[at % COLOURS.length]!;
