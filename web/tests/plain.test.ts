// Plain mode's arithmetic: what a picture shows, where it moves, and addresses that are passed on.
import { describe, expect, it } from 'vitest';
import { at, boxOf, lay, MOST, offset, panned, pathOf, zoomed } from '../src/map/plain/position';
import { read } from '../src/state/url';

const here = { lon: 120.15, lat: 30.27, zoom: 10.3 };

describe('a picture of the map', () => {
  it('shows a box around its middle, as many metres as the zoom says', () => {
    const [west, south, east, north] = boxOf(here, 800, 600);
    const metres = (2 * 20_037_508.342789244) / 512 / 2 ** here.zoom;
    expect(east - west).toBeCloseTo(800 * metres, 4);
    expect(north - south).toBeCloseTo(600 * metres, 4);
    // the well-known formulas of EPSG:3857
    expect((west + east) / 2).toBeCloseTo((here.lon * 20_037_508.342789244) / 180, 4);
    expect((south + north) / 2).toBeCloseTo(
      6_378_137 * Math.log(Math.tan(Math.PI / 4 + (here.lat * Math.PI) / 360)),
      4,
    );
  });
  it('knows what lies where, there and back', () => {
    const { dx, dy } = offset(here, at(here, 123, -45));
    expect([dx, dy]).toEqual([expect.closeTo(123, 6), expect.closeTo(-45, 6)]);
    expect(panned(panned(here, 70, 30), -70, -30)).toEqual({
      lon: expect.closeTo(here.lon, 9),
      lat: expect.closeTo(here.lat, 9),
      zoom: here.zoom,
    });
  });
  it('comes nearer around the point that is held', () => {
    const held = at(here, 200, 100);
    const { dx, dy } = offset(zoomed(here, 1.5, 0, 200, 100), held);
    expect([dx, dy]).toEqual([expect.closeTo(200, 6), expect.closeTo(100, 6)]);
    expect(zoomed(here, 99, 0).zoom).toBe(MOST);
    expect(zoomed(here, -99, 5).zoom).toBe(5);
  });
  it('is laid over a new stance until the next picture is there', () => {
    expect(lay(here, here)).toEqual({ dx: 0, dy: 0, scale: 1 });
    expect(lay(here, panned(here, 50, 0)).dx).toBeCloseTo(-50, 6);
    expect(lay(here, zoomed(here, 1, 0)).scale).toBeCloseTo(2, 9);
  });
  it('lays outlines over it, holes too', () => {
    const ring = (r: number) =>
      [
        [-r, -r],
        [r, -r],
        [-r, -r],
      ].map(([x, y]) => at(here, x!, y!));
    const path = 'M-9.0 -9.0L9.0 -9.0L-9.0 -9.0ZM-4.0 -4.0L4.0 -4.0L-4.0 -4.0Z';
    const rings = [ring(9), ring(4)];
    expect(pathOf(here, { type: 'Polygon', coordinates: rings })).toBe(path);
    expect(pathOf(here, { type: 'MultiPolygon', coordinates: [rings, rings] })).toBe(path + path);
  });
});

describe('what is passed on', () => {
  it('holds the view and not how it looks on this computer', async () => {
    Object.assign(globalThis, { document: { baseURI: 'http://gis.example/shigu/' } });
    const { frameCode, fullAddress, shortAddress, targetOf } = await import('../src/panels/shared/link');
    const view = read(
      new URL('http://x/?mode=compare&zone=330110&zones=330110,city&theme=dark&plain=1&embed=1#9.00/30.0000/120.0000'),
    );
    expect(targetOf(view, 'v3')).toBe('?mode=compare&zone=330110&zones=330110,city&data=v3#9.00/30.0000/120.0000');
    expect(fullAddress(view, 'v3')).toBe(`http://gis.example/shigu/${targetOf(view, 'v3')}`);
    expect(shortAddress('abcd2345')).toBe('http://gis.example/shigu/s/abcd2345');
    const code = frameCode(view, '"><script>alert(1)</script>');
    expect(code).toContain(
      'src="http://gis.example/shigu/?zone=330110&amp;zones=330110,city&amp;embed=1#9.00/30.0000/120.0000"',
    );
    expect(code).not.toContain('<script>');
    expect(code.match(/"/g)).toHaveLength(12);
  });
});
