// What the browser keeps of one city is not another's; choices of the reader are for all.
import { expect, test } from 'vitest';
import { nameAt } from '../src/state/storage';

test('cities below one address keep their own points, and share the theme', () => {
  const [a, b] = ['https://x.example/gis/cities/a/?zone=1', 'https://x.example/gis/cities/b/'];
  expect(nameAt('points', a)).not.toBe(nameAt('points', b));
  expect(nameAt('points', a)).toBe(nameAt('points', 'https://x.example/gis/cities/a/'));
  expect(nameAt('theme', a)).toBe(nameAt('theme', b));
});

test('without cities the names are as they were', () => {
  for (const address of ['https://x.example/', 'https://x.example/gis/?lang=en'])
    expect([nameAt('points', address), nameAt('theme', address)]).toEqual(['shigu.points', 'shigu.theme']);
});
