// What may be said of a location quotient, in words: one source for the panel's table and the table of all zones.
import type { QuotientTest } from '../../api/types';
import { t } from '../../i18n';
import { number } from '../../i18n/format';

export const interval = (test: QuotientTest): string =>
  typeof test.low === 'number' && typeof test.high === 'number' ? `${number(test.low, 2)}–${number(test.high, 2)}` : '';
/** In a few words: the interval where it says something, else why it does not. */
export const brief = (test: QuotientTest): string =>
  test.verdict === 'too_few'
    ? t('lq.brief.too_few')
    : test.verdict === 'no_difference'
      ? t('lq.brief.no_difference')
      : interval(test);
/** A quotient with what may be said of it: none where there are too few rows. */
export const quotientText = (one?: { lq?: number | null; lq_test?: QuotientTest | null } | null): string => {
  if (typeof one?.lq !== 'number') return '–';
  if (!one.lq_test) return number(one.lq, 2);
  return one.lq_test.verdict === 'too_few' ? brief(one.lq_test) : `${number(one.lq, 2)} (${brief(one.lq_test)})`;
};
const small = (p: number): string => (p < 0.001 ? '< 0.001' : `= ${number(p, 3)}`);
/** As a sentence; `q` is the p-value adjusted over a whole table. */
export function sentence(test: QuotientTest, q?: number | null): string {
  const expected = number(test.expected, 1);
  if (test.verdict === 'too_few') return t('lq.said.too_few', { expected });
  const said = t(`lq.said.${test.verdict}`, {
    interval: interval(test),
    expected,
    p: typeof test.p === 'number' ? small(test.p) : '',
  });
  return typeof q === 'number' ? `${said} ${t('lq.said.q', { q: small(q) })}` : said;
}
