// Places as people write them.
import { describe, expect, it } from 'vitest';
import { placeIn } from '../src/i18n/place';
import { area, circleArea, geodesic } from '../src/state/outline';
import { gcj02 } from '../src/state/projection';

const HERE = [118, 29, 121, 31];
const near = (text: string, lon: number, lat: number) => {
  const found = placeIn(text, HERE);
  expect(found?.[0], text).toBeCloseTo(lon, 5);
  expect(found?.[1], text).toBeCloseTo(lat, 5);
};

describe('placeIn', () => {
  it('decimal degrees, in either order', () => {
    for (const text of [
      '120.10,30.25',
      '30.25, 120.10',
      '120.10 30.25',
      '120.10,30.25',
      '30.25N 120.10E',
      'E120.1 N30.25',
    ])
      near(text, 120.1, 30.25);
    expect(placeIn('10, 20')).toEqual([10, 20]);
    expect(placeIn('-33.9S 151.2E')).toEqual([151.2, -33.9]);
    expect(placeIn('-70.5, -33.4')).toEqual([-70.5, -33.4]);
  });
  it('degrees, minutes, seconds, in signs and words', () => {
    for (const text of [
      "30°15'N 120°6'E",
      '120°06′00″E, 30°15′00″N',
      '北纬30度15分 东经120度6分',
      '东经120°6′,北纬30°15′',
      '30 15 0 N, 120 6 0 E',
    ])
      near(text, 120.1, 30.25);
  });
  it('is not what is no place', () => {
    for (const text of [
      '',
      '120.10',
      'ab, cd',
      '200, 100',
      '30N 40N',
      '12, 34, 56',
      "30°75'N 120E",
      'A1, B2',
      '第3组 第4组',
    ])
      expect(placeIn(text), text).toBe(null);
  });
});

describe('measures', () => {
  it('geodesics as published (Vincenty: Flinders Peak to Buninyong, on WGS 84)', () => {
    const found = geodesic([144.424_867_89, -37.951_033_42], [143.926_495_53, -37.652_821_14]);
    expect(found.metres).toBeCloseTo(54_972.271, 1);
    expect(found.bearing).toBeCloseTo(306.868_16, 3);
    expect(geodesic([120, 30], [120, 30])).toEqual({ metres: 0, bearing: 0 });
  });
  it('a degree of the ellipsoid', () => {
    // between the parallels 30 and 31 and a degree of longitude: 2πa²(…)/360 by the zonal formula, 10,639.4 km²
    const cell = area([
      [
        [
          [120, 30],
          [121, 30],
          [121, 31],
          [120, 31],
        ],
      ],
    ]);
    expect(cell).toBeGreaterThan(10_630);
    expect(cell).toBeLessThan(10_650);
    expect(circleArea(1000)).toBeCloseTo(Math.PI, 5);
  });
  it('the offset of GCJ-02 at Tiananmen', () => {
    const [lon, lat] = gcj02([116.391_3, 39.907_5]);
    expect(lon - 116.391_3).toBeCloseTo(0.006_24, 4);
    expect(lat - 39.907_5).toBeCloseTo(0.001_40, 4);
  });
});
