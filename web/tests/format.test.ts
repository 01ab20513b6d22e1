// Numbers as shown: thousands marks, money in the unit of the language, withheld and missing sums.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fetchEnglish } from '../src/i18n/english.svelte';
import { amountText, distance, number, percent } from '../src/i18n/format';
import type { Dataset } from '../src/api/types';
import { stated } from '../src/panels/shared/targets';
import { dataset } from '../src/state/data.svelte';
import { chooseUnit, view } from '../src/state/view.svelte';

const money = (sum: number | null, withheld = false) =>
  amountText({ sum, unit: { zh: '万元', en: '10,000 yuan' }, missing: 0, reported: 1, withheld });
const units = [
  {
    unit: { zh: '万元', en: '10,000 yuan' },
    zh: { large: { name: '亿元', factor: 1e4 }, small: { name: '万元', factor: 1 } },
    en: { large: { name: 'bn yuan', factor: 1e5 }, small: { name: 'm yuan', factor: 100 } },
  },
];
beforeEach(() => {
  dataset.value = { units } as unknown as Dataset;
});
afterEach(() => {
  view.lang = null;
  chooseUnit('large');
});

describe('numbers', () => {
  it('in Chinese', () => {
    expect(number(12345)).toBe('12,345');
    expect(percent(0.1234)).toBe('12.3%');
    expect(distance(1500)).toBe('1.5 公里');
    expect(distance(800)).toBe('800 米');
    expect(money(6124356.78)).toEqual({ value: '612.44', unit: '亿元' });
    expect(money(61243567.8)).toEqual({ value: '6,124.4', unit: '亿元' });
  });
  it('in the small unit', () => {
    chooseUnit('small');
    expect(money(6124356.78)).toEqual({ value: '6,124,357', unit: '万元' });
  });
  it('in English', async () => {
    await fetchEnglish();
    view.lang = 'en';
    expect(money(6124356.78)).toEqual({ value: '61.24', unit: 'bn yuan' });
    expect(distance(2000)).toBe('2 km');
  });
  it('in the unit of the metric where the dataset declares no other', () => {
    const tax = {
      sum: 61243.5,
      unit: { zh: '千克朗', en: 'thousand crowns' },
      missing: 0,
      reported: 1,
      withheld: false,
    };
    expect(amountText(tax, 3)).toEqual({ value: '61,243.500', unit: '千克朗' });
  });
  it('says why there is no number', () => {
    expect(money(null)).toEqual({ value: '无数据', unit: '' });
    expect(money(5, true)).toEqual({ value: '不公开', unit: '' });
  });
});

describe('a figure in a sentence', () => {
  const of = { zh: '亿元', en: '100 million yuan' };
  const same = { name: '亿元', factor: 1 };
  const spec = {
    unit: of,
    zh: { large: same, small: same },
    en: { large: { name: 'billion yuan', factor: 10 }, small: { name: 'million yuan', factor: 0.01 } },
  };
  it('has the unit that is declared for the language, whatever is chosen for sums', () => {
    dataset.value = { units: [...units, spec] } as unknown as Dataset;
    chooseUnit('small');
    expect(stated(1557.57, of)).toBe('1,557.57 亿元');
    view.lang = 'en';
    expect([3000, 1557.57, 3.3, 0].map((value) => stated(value, of))).toEqual([
      '300 billion yuan',
      '155.757 billion yuan',
      '330 million yuan',
      '0 million yuan',
    ]);
    expect(stated(0.1 + 0.2, { zh: '%', en: '%' })).toBe('0.3 %');
  });
  it('is a factor where none is declared and the unit is a number of another', () => {
    view.lang = 'en';
    expect(stated(3000, of)).toBe('3,000 × 100 million yuan');
    expect(stated(4, { zh: '', en: '' })).toBe('4');
  });
});
