// Figures of changes as they are written.
import type { AreaChange, Change, Changed } from '../../api/types';
import { number, percent } from '../../i18n/format';
import { say } from '../../i18n/change';

type Given = number | null | undefined;
const sign = (value: number): string => (value > 0 ? '+' : '');

/** A figure of either period: one that is not there is withheld. */
export const figure = (value: Given, of: Change): string =>
  typeof value === 'number' ? number(value, of.weight.decimals) : say('withheld');
export const difference = (value: Given, of: Change): string =>
  typeof value === 'number' ? `${sign(value)}${number(value, of.weight.decimals)}` : say('withheld');
/** A part of a change, with the decimals to which the parts add up. */
export const part = (value: Given, of: Change): string =>
  typeof value === 'number' ? `${sign(value)}${number(value, of.decimals)}` : say('none');
export const rate = (value: Given): string =>
  typeof value === 'number' ? `${sign(value)}${percent(value)}` : say('none');

export const flow = ({ rows }: Changed): string =>
  rows ? [rows.stayed, rows.entered, rows.left].map((n) => number(n)).join(' / ') : say('none');
export const flowSaid = ({ rows }: Changed): string | undefined =>
  rows
    ? say('flow.said', { stayed: number(rows.stayed), entered: number(rows.entered), left: number(rows.left) })
    : undefined;
export const alike = ({ alike: of }: Changed): string => (of?.withheld ? say('withheld') : rate(of?.rate));
export const alikeSaid = ({ alike: of }: Changed): string | undefined =>
  of
    ? say('alike.said', {
        both: number(of.both),
        a: number(of.reported_before),
        A: number(of.rows_before),
        b: number(of.reported),
        B: number(of.rows),
      })
    : undefined;

/** How strongly the own part of a line is coloured, by the largest beside it. */
export function ground(value: Given, most: number): string {
  if (typeof value !== 'number' || !value || !most) return '';
  const strength = Math.round((44 * Math.abs(value)) / most);
  return `color-mix(in srgb, var(${value > 0 ? '--warn-line' : '--accent'}) ${strength}%, var(--panel))`;
}
export const largest = (all: readonly { parts?: Changed['parts'] }[]): number =>
  Math.max(0, ...all.map((one) => Math.abs(one.parts?.regional ?? 0)));

/** The whole, then the areas. */
export const areasOf = (of: Change): AreaChange[] => [...(of.whole ? [of.whole] : []), ...of.zones];
