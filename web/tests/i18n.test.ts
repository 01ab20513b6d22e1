// Both languages complete, nothing unused, no Chinese hidden in components.
import { describe, expect, it } from 'vitest';
import { en } from '../src/i18n/en';
import { inserted, wordsOf } from '../src/i18n/terms';
import { zh } from '../src/i18n/zh';
import { sources } from './sources';

const keys = Object.keys(zh) as (keyof typeof zh)[];
const slots = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map((one) => one[1]!).sort();

describe('catalogue', () => {
  it('has the same keys in both languages', () => {
    expect(Object.keys(en).sort()).toEqual([...keys].sort());
  });
  it('every sentence takes the same values in both languages', () => {
    for (const key of keys) expect(slots(en[key]), key).toEqual(slots(zh[key]));
  });
  it('English holds no Chinese but the name of the other language', () => {
    for (const key of keys) if (key !== 'action.lang') expect(en[key], key).not.toMatch(/\p{Script=Han}/u);
  });
  it('takes what a dataset calls its things from the dataset', () => {
    // the rows, the classes and the whole of one dataset, and its levels
    const chinese = /企业|集群|全市|区县|平台|城市|家/u;
    const english = /\b(enterprises?|firms?|clusters?|cit(y|ies)|districts?|platforms?)\b/i;
    for (const key of keys) {
      expect(zh[key].replace(/\{@?\w+(:\w+)?\}/g, ''), key).not.toMatch(chinese);
      expect(en[key].replace(/\{@?\w+(:\w+)?\}/g, ''), key).not.toMatch(english);
    }
  });
  it('names the words of a dataset alone as such', () => {
    const known = Object.keys(wordsOf(null, 'en')).sort();
    expect(known).toEqual(Object.keys(wordsOf(null, 'zh')).sort());
    for (const text of [...Object.values(zh), ...Object.values(en)])
      for (const [, name, counted] of text.matchAll(/\{@(\w+)(?::(\w+))?\}/g)) {
        expect(known, text).toContain(name!.charAt(0).toLowerCase() + name!.slice(1));
        if (counted) expect(text).toContain(`{${counted}}`);
      }
  });
  it('puts in the words and numbers of a dataset', () => {
    const term = (zh: string, en: string, plural: string, counter: string) => ({ zh, en, plural, counter });
    const farms = {
      terms: {
        row: term('农场', 'farm', 'farms', '座'),
        class: term('作物', 'crop', 'crops', '种'),
        whole: { zh: '全岛', en: 'the island' },
        place: { zh: '岛', en: 'Isle' },
      },
      clusters_title: { zh: '作物分类', en: 'Crops grown' },
    };
    const said = (text: string, n: string, language: 'zh' | 'en') => inserted(text, { n }, farms, language);
    expect(said('{n} {@rows:n} here', '1', 'en')).toBe('1 farm here');
    expect(said('{n} {@rows:n} here', '0', 'en')).toBe('0 farms here');
    expect(said('{n} {@rows:n} here', '1,021', 'en')).toBe('1,021 farms here');
    expect(said('{@Rows} of {@whole} by {@class}: {@classification}', '', 'en')).toBe(
      'Farms of the island by crop: Crops grown',
    );
    expect(said('{@whole}有 {n} {@counter}{@row},按{@class}', '3', 'zh')).toBe('全岛有 3 座农场,按作物');
    expect(said('{n} {n|change has|changes have} errors', '1', 'en')).toBe('1 change has errors');
    expect(said('{n} {n|change has|changes have} errors', '0', 'en')).toBe('0 changes have errors');
    expect(said('{else} {@nothing}', '', 'en')).toBe('{else} {@nothing}');
    expect(inserted('{n} {@counter}{@row}', { n: 2 }, null, 'zh')).toBe('2 条记录');
  });
  it('holds no key that nobody says', () => {
    const code = sources
      .filter((one) => !one.path.startsWith('i18n/zh') && !one.path.startsWith('i18n/en'))
      .map((one) => one.text)
      .join('\n');
    const prefixes = [...code.matchAll(/word\(\s*'([\w.]+)'|t\(\s*`([\w.]+\.)\$\{/g)].map((one) =>
      one[1] ? `${one[1]}.` : one[2]!,
    );
    const unused = keys.filter(
      (key) => !code.includes(`'${key}'`) && !prefixes.some((prefix) => key.startsWith(prefix)),
    );
    expect(unused).toEqual([]);
  });
  it('components hold no Chinese of their own', () => {
    for (const { path, text } of sources)
      if (!path.startsWith('i18n/')) expect(text, path).not.toMatch(/\p{Script=Han}/u);
  });
});
