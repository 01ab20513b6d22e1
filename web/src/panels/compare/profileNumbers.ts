// Figures of profiles as they are written.
import type { Profile } from '../../api/types';
import { say } from '../../i18n/profile';
import { number, percent } from '../../i18n/format';

type Given = number | null | undefined;
type Cell = Profile['classes'][number]['cells'][number];

export const ratio = (value: Given, digits = 3): string =>
  typeof value === 'number' ? number(value, digits) : say('none');
export const part = (value: Given): string => (typeof value === 'number' ? percent(value) : say('none'));
/** A change with its sign. */
export const change = (value: Given): string =>
  typeof value === 'number' ? `${value > 0 ? '+' : ''}${percent(value)}` : say('none');
export const amount = (value: Given, withheld: boolean, decimals: number): string =>
  withheld ? say('withheld') : typeof value === 'number' ? number(value, decimals) : say('none');

/** How high the index of Ellison and Glaeser is called. */
export const gammaWord = (value: Given): string =>
  typeof value !== 'number'
    ? ''
    : value > 0.05
      ? say('gamma.high')
      : value > 0.02
        ? say('gamma.moderate')
        : say('gamma.low');

/** For what a class has stars in a zone. */
export function starred(cell: Cell): string {
  const all = [cell.size && say('size'), cell.specialised && say('specialised'), cell.focus && say('focus')];
  return all.filter(Boolean).join(' · ');
}
