// Asking: outlines in addresses, boundaries from anywhere, conditions as text and rows, opacities.
import { describe, expect, it } from 'vitest';
import { faded } from '../src/map/style';
import { cellAround } from '../src/map/pick';
import { readBoundary } from '../src/panels/query/boundary';
import { parse, print } from '../src/panels/shared/cql';
import { area, box, decode, encode, fromGeoJson, metres, type Outline, toGeoJson, wind } from '../src/state/outline';

const square: Outline = [
  [
    [
      [120, 30],
      [120.1, 30],
      [120.1, 30.1],
      [120, 30.1],
    ],
  ],
];
const outlineOf = (text: string): Outline | string => {
  const read = readBoundary(text);
  return 'outline' in read ? read.outline : `${read.fault.why} ${read.fault.line}`;
};

describe('outlines', () => {
  it('come back from an address as they went in', () => {
    let seed = 11;
    const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
    for (let round = 0; round < 200; round++) {
      const ring = () =>
        Array.from({ length: 3 + Math.floor(random() * 30) }, (): [number, number] => [
          Math.round((random() * 360 - 180) * 1e6) / 1e6,
          Math.round((random() * 180 - 90) * 1e6) / 1e6,
        ]);
      const outline: Outline = Array.from({ length: 1 + Math.floor(random() * 3) }, () =>
        Array.from({ length: 1 + Math.floor(random() * 2) }, ring),
      );
      const text = encode(outline);
      expect(text).toMatch(/^[\w.~-]+$/);
      expect(decode(text)).toEqual(outline);
      expect(fromGeoJson(toGeoJson(outline).coordinates)).toEqual(outline);
    }
  });
  it('of nonsense are none', () => {
    for (const text of ['', 'A', 'AAAA', '!', 'AAAAA', '~', '.', '_'.repeat(40), 'AAAAAA.'])
      expect(decode(text), text).toBeNull();
  });
  it('have about the area that the ellipsoid gives', () => {
    // 106.9045 km² by geodesics on WGS 84
    expect(Math.abs(area(square) / 106.9045 - 1)).toBeLessThan(0.005);
    const hole: Outline = [
      [
        square[0]![0]!,
        [
          [120.02, 30.02],
          [120.04, 30.02],
          [120.04, 30.04],
          [120.02, 30.04],
        ],
      ],
    ];
    expect(area(hole) / area(square)).toBeCloseTo(0.96, 2);
  });
  it('know distance, wind and box', () => {
    expect(metres([120, 30], [120, 31])).toBeCloseTo(111_195, -1);
    const winds = [
      [0, 1],
      [1, 1],
      [1, 0],
      [1, -1],
      [0, -1],
      [-1, -1],
      [-1, 0],
      [-1, 1],
    ].map(([x, y]) => wind([120, 0], [120 + x! / 10, y! / 10]));
    expect(winds).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(box(square)).toEqual([120, 30, 120.1, 30.1]);
  });
});

describe('a boundary', () => {
  const coordinates = toGeoJson(square).coordinates;
  it.each<[string, string]>([
    ['GeoJSON', JSON.stringify({ type: 'Polygon', coordinates: coordinates[0] })],
    [
      'a feature collection',
      JSON.stringify(
        {
          type: 'FeatureCollection',
          features: [{ type: 'Feature', properties: {}, geometry: { type: 'MultiPolygon', coordinates } }],
        },
        null,
        2,
      ),
    ],
    [
      'GeoJSON with heights, after a mark of its encoding',
      `\uFEFF${JSON.stringify({ type: 'Polygon', coordinates: [[...coordinates[0]![0]!.map((p) => [...p, 5])]] })}`,
    ],
    ['WKT', 'POLYGON ((120 30, 120.1 30, 120.1 30.1, 120 30.1, 120 30))'],
    ['EWKT with heights', 'SRID=4490;MULTIPOLYGON Z (((120 30 1, 120.1 30 1, 120.1 30.1 1, 120 30.1 1, 120 30 1)))'],
    [
      'KML',
      '<?xml version="1.0"?><kml><Placemark><Polygon><outerBoundaryIs><LinearRing><coordinates>\n120,30,0 ' +
        '120.1,30,0\n120.1,30.1,0 120,30.1,0 ' +
        '120,30,0</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark></kml>',
    ],
    ['corners', '120, 30\n120.1 30\r\n120.1，30.1\n120\t30.1\n'],
  ])('is read from %s', (_, text) => expect(outlineOf(text)).toEqual(square));
  it('keeps holes and parts', () => {
    const hole = '(120.02 30.02, 120.04 30.02, 120.04 30.04, 120.02 30.02)';
    const both = outlineOf(
      `MULTIPOLYGON (((120 30, 120.1 30, 120.1 30.1, 120 30), ${hole}), ((121 30, 121.1 30, 121.1 30.1, 121 30)))`,
    ) as Outline;
    expect(both.map((rings) => rings.map((ring) => ring.length))).toEqual([[3, 3], [3]]);
    expect((outlineOf(`POLYGON ((120 30, 120.1 30, 120.1 30.1, 120 30), ${hole})`) as Outline)[0]).toHaveLength(2);
    expect(outlineOf('120,30\n120.1,30\n120.1,30.1\n\n121,30\n121.1,30\n121.1,30.1')).toHaveLength(2);
  });
  it.each([
    ['', 'none 1'],
    ['余杭区的边界', 'none 1'],
    ['\n\n{"type":"Polygon",\n"coordinates":[[[1,2]', 'json 4'],
    ['{"type":"Point","coordinates":[120,30]}', 'nopolygon 1'],
    ['LINESTRING (120 30, 121 30)', 'none 1'],
    ['<kml>\n<Point><coordinates>120,30</coordinates></Point></kml>', 'nopolygon 1'],
    ['POLYGON ((120 30, 121 30', 'ring 1'],
    ['POLYGON ((120 30, 121 30, 120 30))', 'ring 1'],
    ['POLYGON ((120 30,\n 121 x, 122 30, 120 30))', 'number 1'],
    ['120,30\n121,30\nabc\n', 'number 3'],
    ['120,30\n121,30', 'ring 2'],
    ['30,120\n30,121\n31,121', 'swapped 1'],
    ['511234.5, 3345678.9\n511300, 3345678\n511300, 3345700', 'earth 1'],
  ])('says what is wrong with %j', (text, said) => expect(outlineOf(text)).toBe(said));
  it('is read in no time, whatever it is', () => {
    const started = performance.now();
    for (const text of [
      '('.repeat(50_000),
      `POLYGON ${'('.repeat(50_000)}`,
      '<Polygon>'.repeat(5_000),
      '120,30 '.repeat(50_000),
      `{${'['.repeat(50_000)}`,
    ])
      readBoundary(text);
    expect(performance.now() - started).toBeLessThan(3000);
  });
});

describe('conditions', () => {
  it.each([
    "above_scale = TRUE AND cluster IN ('vision', 'robot') AND founded >= 2023",
    "name LIKE '%a\\%b%' AND size <> 'large'",
    'revenue_2025 IS NULL AND founded IS NOT NULL',
    '"年 份" = -1.5',
    `"and" = 'it''s'`,
  ])('%s are rows and text alike', (text) => {
    const rows = parse(text);
    expect(rows).not.toBeNull();
    expect(print(rows!)).toBe(text);
  });
  it('beyond rows stay text', () => {
    for (const text of [
      'a = 1 OR b = 2',
      'NOT a = 1',
      '(a = 1)',
      "name LIKE 'a%'",
      'a = b',
      'a + 1 = 2',
      'S_INTERSECTS(geometry, POINT(1 2))',
      'a IN ()',
      'a =',
      'a = 1 AND',
      "a = 'x",
    ])
      expect(parse(text), text).toBeNull();
  });
  it('are none without text', () => {
    expect(parse(null)).toEqual([]);
    expect(print([])).toBeNull();
  });
});

it('fades numbers and steps along the zoom', () => {
  expect(faded(undefined, 0.5)).toBe(0.5);
  expect(faded(['interpolate', ['linear'], ['zoom'], 8, 0.4, 10, 1], 0.5)).toEqual([
    'interpolate',
    ['linear'],
    ['zoom'],
    8,
    0.2,
    10,
    0.5,
  ]);
  expect(faded(['step', ['zoom'], 1, 12, 0.6], 0.5)).toEqual(['step', ['zoom'], 0.5, 12, 0.3]);
  expect(faded(['case', true, 1, 0], 0.5)).toEqual(['*', ['case', true, 1, 0], 0.5]);
});
it('knows the counted cell of a place', () => {
  const [west, south, east, north] = cellAround([120.15, 30.27], 12);
  expect([west <= 120.15, 120.15 < east, south < 30.27, 30.27 <= north]).toEqual([true, true, true, true]);
  expect(east - west).toBeCloseTo(360 / 2 ** 12, 9);
});

describe('lists of a row', () => {
  it('are conditions too, in one spelling', () => {
    const text = "A_OVERLAPS(also, ('kiln', 'it''s')) AND floor >= 5";
    const read = parse(text);
    expect(read).toEqual([
      { property: 'also', verb: 'has', values: ['kiln', "it's"] },
      { property: 'floor', verb: '>=', values: [5] },
    ]);
    expect(print(read!)).toBe(text);
    for (const broken of ['A_OVERLAPS(also)', "A_OVERLAPS(also, 'kiln')", "A_OVERLAPS also, ('kiln')"])
      expect(parse(broken)).toBeNull();
  });
});
