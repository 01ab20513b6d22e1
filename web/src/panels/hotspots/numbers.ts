// Numbers as they stand in tables of what is found.
import { number } from '../../i18n/format';

/** A density in as many digits as mean something. */
export const density = (value: number): string =>
  number(value, value >= 10 ? 0 : value >= 1 ? 1 : value >= 0.1 ? 2 : 3);
/** A p-value: small ones as a bound. */
export const chance = (p: number | null | undefined): string =>
  p === null || p === undefined ? '–' : p < 0.0001 ? '<0.0001' : number(p, 4);
