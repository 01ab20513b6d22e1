// The URL is the state: what is written is read back, and nonsense in a link does no harm.
import { describe, expect, it } from 'vitest';
import { read, type View, write } from '../src/state/url';

const from = (link: string): View => read(new URL(link, 'http://x/'));
const plain = from('/');

describe('URL', () => {
  it('of the plain view is empty', () => expect(write(plain)).toBe(''));
  it.each<[string, Partial<View>]>([
    ['the mode', { mode: 'compare' }],
    ['zone, year, cluster', { zone: '330110', period: '2023', cluster: 'vision' }],
    ['a quarter against a month', { period: '2024Q3', against: '2024-03' }],
    ['how classes are read', { classLevel: 'group', classParent: 'C39', classVersion: 'fields-2021' }],
    [
      'a platform and the circle around it',
      { item: 'platforms:P05', circle: { center: [120.25, 30.21], radius_m: 1000 } },
    ],
    ['what lies around a feature', { buffer: { item: 'roads:R.1', line: null, distance_m: 2000 } }],
    [
      'what lies around a line',
      {
        buffer: {
          item: null,
          line: [
            [120.1, 30.2],
            [120.123456, 30.4],
          ],
          distance_m: 0.5e5,
        },
      },
    ],
    [
      'an outline, a filter, the rows',
      {
        drawn: [
          [
            [
              [120.1, 30.2],
              [120.3, 30.2],
              [120.2, 30.4],
            ],
            [
              [120.15, 30.25],
              [120.25, 30.25],
              [120.2, 30.3],
            ],
          ],
        ],
        filter: "above_scale = TRUE AND name LIKE '%\u4e91%'",
        list: 'metric.revenue',
        sort: '-founded',
      },
    ],
    [
      'areas of the reader’s own, named',
      {
        areas: [
          { name: '湖西, a:b', circle: { center: [120.25, 30.21], radius_m: 1500 }, outline: null },
          {
            name: 'B',
            circle: null,
            outline: [
              [
                [
                  [120.1, 30.2],
                  [120.3, 30.2],
                  [120.2, 30.4],
                ],
              ],
            ],
          },
        ],
        zones: ['area:0', 'area:1', 'city'],
      },
    ],
    [
      'areas put together',
      {
        zone: '330110',
        combine: [
          { op: 'union', zone: 'P03', outline: null },
          {
            op: 'difference',
            zone: null,
            outline: [
              [
                [
                  [120, 30],
                  [121, 30],
                  [121, 31],
                ],
              ],
              [
                [
                  [118.5, 29],
                  [119, 29],
                  [119, -1],
                ],
              ],
            ],
          },
        ],
      },
    ],
    [
      'a long outline, without a place',
      { drawn: [[Array.from({ length: 600 }, (_, i) => [119 + i / 1000, 30 + (i % 7) / 500])]] as never },
    ],
    [
      'a long outline, with a place',
      {
        drawn: [[Array.from({ length: 600 }, (_, i) => [119 + i / 1000, 30 + (i % 7) / 500])]] as never,
        camera: { zoom: 10, lat: 30, lon: 120 },
      },
    ],
    ['faint layers', { opacity: { water: 30, areas: 0 } }],
    ['some layers', { layers: new Set(['belt', 'nodes']) }],
    ['another table', { table: 'projects', zone: '330110' }],
    ['no layer at all', { layers: new Set() }],
    ['theme and language', { theme: 'dark', lang: 'en' }],
    ['what is compared', { mode: 'compare', zones: ['330110', 'P13', 'city'], against: '2023', by: 'revenue' }],
    ['that nothing is compared yet', { mode: 'compare', zones: [] }],
    ['a frame and pictures', { embed: true, plain: true }],
    ['data of the time when it was passed on', { data: 'v12' }],
    ['data without versions', { data: '27a163ec' }],
    ['the map', { camera: { zoom: 10.25, lat: 30.2, lon: 120.1 } }],
  ])('carries %s', (_, change) => {
    const view = { ...plain, ...change };
    expect(from(write(view))).toEqual(view);
    expect(write(from(write(view)))).toBe(write(view));
  });
  it.each([
    '?zone=<script>',
    '?circle=1,2',
    '?circle=,,',
    '?circle=999,30,100',
    '?circle=120,30,1e9',
    '?buffer=roads:R1',
    '?buffer=roads:R1/0',
    '?buffer=roads:R1/1e3',
    '?buffer=roads:R1/999999',
    '?buffer=roads/500',
    '?buffer=!AA/500',
    '?year=abc',
    '?period=2024Q5',
    '?period=2024-13',
    '?theme=pink',
    '?mode=x',
    '?drawn=AAAA',
    '?drawn=!',
    '?drawn=AA.AA~',
    '?combine=x:1',
    '?combine=u:',
    '?combine=u:!AA',
    '?sort=;',
    '?opacity=water:x',
    '?filter=%20',
    '?against=x',
    '?by=<b>',
    '?embed=yes',
    '#9/200/400',
    '#a/b/c',
    '#//',
  ])('ignores %s', (link) => {
    expect(from(link)).toEqual(plain);
  });
  it('takes no more zones than fit, each once', () => {
    expect(from(`/?zones=a,a,${Array.from({ length: 20 }, (_, i) => `z${i}`)}`).zones).toEqual([
      'a',
      ...Array.from({ length: 9 }, (_, i) => `z${i}`),
    ]);
  });
});
