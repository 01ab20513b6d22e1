// The choice of what is mapped: one spelling, read back; nonsense in an address does no harm.
import { describe, expect, it } from 'vitest';
import { breaksIn, parse, print, USUALLY } from '../src/state/choropleth';

describe('choropleth', () => {
  it.each([
    'by:revenue',
    'by:revenue,as:density,cut:quantile,classes:7,ramp:blues,reversed',
    'as:growth/2021,cut:-10/0/12.5',
    'by:revenue,as:per/employees,cut:equal',
    'as:lq,ramp:brown-teal',
    'by:revenue,as:density,cut:moran',
  ])('%s is read back', (text) => expect(print(parse(text))).toBe(text));
  it('what is usual is not written', () => {
    expect(print(USUALLY)).toBe(null);
    expect(print(parse('by:count,as:value,cut:natural,classes:5'))).toBe(null);
    expect(print({ ...USUALLY, cut: 'own' })).toBe(null);
    expect(print({ ...USUALLY, cut: 'moran', classes: 7, ramp: 'blues', reversed: true })).toBe('cut:moran');
  });
  it('nonsense is as usual', () => {
    expect(parse('as:heat,cut:some,classes:99,what')).toEqual(USUALLY);
    expect(parse(null)).toEqual(USUALLY);
  });
  it('own breaks as a reader writes them', () => {
    expect(breaksIn('300, 100,200 / 100')).toEqual([100, 200, 300]);
    expect(breaksIn('-1.5、2')).toEqual([-1.5, 2]);
    expect(breaksIn('')).toBe(null);
    expect(breaksIn('1 2 3 4 5 6 7 8 9')).toBe(null);
    expect(breaksIn('ten')).toBe(null);
  });
});
