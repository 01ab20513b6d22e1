// Periods of figures as the server writes them: `2025`, `2025Q3`, `2025-03`. Pure functions.
export type Period = string;
export const LENGTHS = ['year', 'quarter', 'month'] as const;
export type Length = (typeof LENGTHS)[number];

/** A text that is a period; null for any other. */
export const periodOf = (text: string | null): Period | null =>
  text && /^[1-9]\d{3}(Q[1-4]|-(0[1-9]|1[0-2]))?$/.test(text) ? text : null;

export const lengthOf = (period: Period): Length =>
  period.includes('Q') ? 'quarter' : period.includes('-') ? 'month' : 'year';

/** The year, and the quarter or month in it; 0 for a whole year. */
export const partsOf = (period: Period): [number, number] => {
  const [year, part] = period.split(/[Q-]/);
  return [Number(year), Number(part ?? 0)];
};

/** What a request says for a period: years have a name of their own, so that one question has one address. */
export const asParameter = (period: Period | null): { year?: number; period?: string } =>
  period === null ? {} : lengthOf(period) === 'year' ? { year: Number(period) } : { period };
