// Both languages complete, nothing unused, no Chinese hidden in components.
import { describe, expect, it } from 'vitest';
import { en } from '../src/i18n/en';
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
