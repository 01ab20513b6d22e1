// Reference systems in the page: the values of PROJ that the service is held to, by the parameters that the service gives.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Projection } from '../src/api/systems';
import { placeIn } from '../src/i18n/place';
import { forward, fromGcj02, gcj02, inverse } from '../src/state/projection';

/** Rows of code, longitude, latitude and both axes in the order of the register. */
const POINTS = readFileSync(new URL('../../src/core/geometry/crs/points.csv', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line && !line.startsWith('#'))
  .map((line) => line.split(',').map(Number) as [number, number, number, number, number]);
const tm = (meridian: number, scale: number, easting: number, northing: number, flattening: number): Projection => ({
  projection: 'transverse-mercator',
  plane: { latitude: 0, meridian, scale, easting, northing, flattening },
});
/** By the numbers of the register, written down apart from the service. */
function known(code: number): { northFirst: boolean; projection: Projection } | null {
  const cgcs = (meridian: number, zone: number) => ({
    northFirst: true,
    projection: tm(meridian, 1, zone * 1e6 + 500_000, 0, 298.257_222_101),
  });
  const utm = (zone: number, northing: number) => ({
    northFirst: false,
    projection: tm(zone * 6 - 183, 0.9996, 500_000, northing, 298.257_223_563),
  });
  if (code >= 4491 && code <= 4501) return cgcs(75 + 6 * (code - 4491), code - 4478);
  if (code >= 4502 && code <= 4512) return cgcs(75 + 6 * (code - 4502), 0);
  if (code >= 4513 && code <= 4533) return cgcs(75 + 3 * (code - 4513), code - 4488);
  if (code >= 4534 && code <= 4554) return cgcs(75 + 3 * (code - 4534), 0);
  if (code > 32_600 && code <= 32_660) return utm(code - 32_600, 0);
  if (code > 32_700 && code <= 32_760) return utm(code - 32_700, 10_000_000);
  if (code === 3857) return { northFirst: false, projection: { projection: 'pseudo-mercator', plane: null } };
  return null;
}

describe('projections', () => {
  it('are those of PROJ, there to a millimetre and back to 1e-8 degrees', () => {
    let seen = 0;
    for (const [code, lon, lat, first, second] of POINTS) {
      const of = known(code);
      if (!of) continue;
      const [east, north] = of.northFirst ? [second, first] : [first, second];
      const [x, y] = forward(of.projection, [lon, lat]);
      expect(Math.hypot(x - east, y - north), `${code} ${lon} ${lat}`).toBeLessThan(0.001);
      const [l, p] = inverse(of.projection, [east, north]);
      expect(Math.hypot(l - lon, p - lat), `${code} ${east} ${north}`).toBeLessThan(1e-8);
      seen++;
    }
    expect(seen).toBeGreaterThan(550);
  });
  it('count from the latitude of the origin', () => {
    const [, north] = forward(
      { projection: 'transverse-mercator', plane: { ...tm(120, 1, 0, 0, 298.25).plane!, latitude: 30 } },
      [120, 30],
    );
    expect(north).toBeCloseTo(0, 6);
  });
  it('lead back from the offset, and leave the rest of the world where it is', () => {
    const [lon, lat] = fromGcj02(gcj02([120.15, 30.27]));
    expect(Math.hypot(lon - 120.15, lat - 30.27)).toBeLessThan(1e-9);
    expect(gcj02([2.35, 48.86])).toEqual([2.35, 48.86]);
  });
});

describe('coordinates typed in metres', () => {
  const projection = tm(120, 1, 500_000, 0, 298.257_222_101);
  const system = { metric: true, northFirst: true, back: (at: [number, number]) => inverse(projection, at) };
  const here = [118, 29, 121, 31];
  const [east, north] = forward(projection, [120.2, 30.25]);
  const close = (text: string) => {
    const found = placeIn(text, here, system);
    expect(found, text).not.toBeNull();
    expect(Math.hypot(found![0] - 120.2, found![1] - 30.25), text).toBeLessThan(1e-6);
  };
  it('are read in either order, with letters, and as the readout writes them', () => {
    close(`${north.toFixed(2)}, ${east.toFixed(2)}`);
    close(`${east.toFixed(2)} ${north.toFixed(2)}`);
    close(`N ${north.toFixed(2)}, E ${east.toFixed(2)}`);
    close(`E ${east.toFixed(2)}, N ${north.toFixed(2)}`);
  });
  it('may be degrees all the same', () => {
    expect(placeIn('120.2, 30.25', here, system)).toEqual([120.2, 30.25]);
    expect(placeIn('3350000, 512000', here)).toBeNull();
  });
});
