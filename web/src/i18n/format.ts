// Numbers as people read them: thousands marks, shares, sums in the unit that the reader chose.
import { lengthOf, partsOf, type Period } from '../api/period';
import type { Amount } from '../api/types';
import { dataset } from '../state/data.svelte';
import { lang, unit } from '../state/view.svelte';
import { pick, t } from './index';

const locale = (): string => (lang() === 'en' ? 'en-GB' : 'zh-CN');
/** Formats are costly to make and few: lists of hundreds of zones ask for the same again and again. */
const formats = new Map<string, Intl.NumberFormat>();
function format(style: 'decimal' | 'percent', digits: number): Intl.NumberFormat {
  const key = `${locale()} ${style} ${digits}`;
  const known = formats.get(key);
  if (known) return known;
  const made = new Intl.NumberFormat(locale(), { style, minimumFractionDigits: digits, maximumFractionDigits: digits });
  formats.set(key, made);
  return made;
}
export const number = (value: number, digits = 0): string => format('decimal', digits).format(value);
export const percent = (share: number, digits = 1): string => format('percent', digits).format(share);
export const clock = (date: Date): string =>
  new Intl.DateTimeFormat(locale(), { hour: '2-digit', minute: '2-digit', hour12: false }).format(date);
/** A moment (RFC 3339) as a day and a time of the reader's clock. */
export const stamp = (moment: string): string =>
  new Intl.DateTimeFormat(locale(), { dateStyle: 'medium', timeStyle: 'short', hour12: false }).format(
    new Date(moment),
  );
/** Bytes of a file. */
export const size = (bytes: number): string =>
  bytes < 1e6 ? `${number(Math.max(1, Math.round(bytes / 1e3)))} kB` : `${number(bytes / 1e6, 1)} MB`;
export const distance = (metres: number): string =>
  metres >= 1000
    ? t('unit.km', { n: number(metres / 1000, metres % 1000 ? 1 : 0) })
    : t('unit.m', { n: number(metres) });

const QUARTERS = ['一', '二', '三', '四'];
/** A period in words: 2025 年, 2025 年第三季度, Mar 2025; nothing for none. */
export function periodName(period: Period | null): string {
  if (period === null) return '';
  const [year, part] = partsOf(period);
  const length = lengthOf(period);
  const month = (): string =>
    lang() === 'en'
      ? new Intl.DateTimeFormat('en-US', { month: 'short', timeZone: 'UTC' }).format(Date.UTC(2000, part - 1))
      : String(part);
  const said = length === 'month' ? month() : length === 'quarter' && lang() === 'zh' ? QUARTERS[part - 1]! : part;
  return t(`period.${length}`, { year: String(year), part: said });
}
/** What stands at the head of periods: years, where there are no others. */
export const periodLabel = (): string =>
  t((dataset.value?.periods ?? []).every((one) => lengthOf(one) === 'year') ? 'period.label.year' : 'period.label');
/** The same where the head says that it is a year. */
export const periodBare = (period: Period): string => (lengthOf(period) === 'year' ? period : periodName(period));

/** The units in which readers see sums of a unit, where the dataset declares them. */
export const declaredUnits = (of: Amount['unit']) =>
  dataset.value?.units.find((one) => one.unit.zh === of.zh && one.unit.en === of.en)?.[lang()];
/** That of them which the reader chose. */
const scaledUnit = (of: Amount['unit']) => declaredUnits(of)?.[unit()] ?? null;
/** A unit that begins with a number of its own is multiplied by, where it stands beside a figure. */
export const times = (said: string): string => (/^\d/.test(said) ? `× ${said}` : said);
/** A figure with its unit. */
export const withUnit = (value: string, said?: string | null): string => (said ? `${value} ${times(said)}` : value);
/** Whether the reader can choose between a large and a small unit. */
export const hasUnits = (of: Amount['unit']): boolean => scaledUnit(of) !== null;

/** Sums from here on are read without decimals. */
const LONG = 1e6;
/** A sum and its unit; `decimals` are those that its metric keeps. */
export function amountText(
  amount: Omit<Amount, 'protected' | 'statistics'>,
  decimals = 0,
): { value: string; unit: string } {
  if (amount.withheld) return { value: t('figure.withheld'), unit: '' };
  if (amount.sum === null || amount.sum === undefined) return { value: t('figure.nodata'), unit: '' };
  const scale = scaledUnit(amount.unit);
  if (!scale)
    return {
      value: number(amount.sum, amount.sum % 1 && Math.abs(amount.sum) < LONG ? decimals : 0),
      unit: pick(amount.unit),
    };
  const scaled = amount.sum / scale.factor;
  const digits = unit() === 'small' ? (scale.factor > 1 ? 1 : 0) : Math.abs(scaled) >= 1000 ? 1 : 2;
  return { value: number(scaled, digits), unit: scale.name };
}
