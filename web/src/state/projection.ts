// Positions of other reference systems, by the parameters that the service gives; longitude and latitude, or easting and northing, in this order.
import type { Plane, Projection } from '../api/systems';
import type { Position } from './outline';

const rad = (degrees: number): number => (degrees * Math.PI) / 180;
const deg = (radians: number): number => (radians * 180) / Math.PI;
const AXIS = 6_378_137;

/** The transverse Mercator plane by Krüger's series (Karney, 2011, to the fourth order: a ten-thousandth of a millimetre). */
function plane(of: Plane) {
  const f = 1 / of.flattening;
  const e = Math.sqrt(f * (2 - f));
  const n = f / (2 - f);
  const radius = (of.scale * AXIS * (1 + n ** 2 / 4 + n ** 4 / 64)) / (1 + n);
  const there = [
    n / 2 - (2 / 3) * n ** 2 + (5 / 16) * n ** 3 + (41 / 180) * n ** 4,
    (13 / 48) * n ** 2 - (3 / 5) * n ** 3 + (557 / 1440) * n ** 4,
    (61 / 240) * n ** 3 - (103 / 140) * n ** 4,
    (49_561 / 161_280) * n ** 4,
  ];
  const back = [
    n / 2 - (2 / 3) * n ** 2 + (37 / 96) * n ** 3 - n ** 4 / 360,
    n ** 2 / 48 + n ** 3 / 15 - (437 / 1440) * n ** 4,
    (17 / 480) * n ** 3 - (37 / 840) * n ** 4,
    (4397 / 161_280) * n ** 4,
  ];
  const waves = (by: number[], x: number, y: number): Position => [
    by.reduce((sum, a, i) => sum + a * Math.sin(2 * (i + 1) * x) * Math.cosh(2 * (i + 1) * y), 0),
    by.reduce((sum, a, i) => sum + a * Math.cos(2 * (i + 1) * x) * Math.sinh(2 * (i + 1) * y), 0),
  ];
  /** Tangent of the conformal latitude. */
  const conformal = (t: number): number => {
    const s = Math.sinh(e * Math.atanh((e * t) / Math.hypot(1, t)));
    return t * Math.hypot(1, s) - s * Math.hypot(1, t);
  };
  const flat = (lon: number, lat: number): Position => {
    const t = conformal(Math.tan(rad(lat)));
    const over = rad(lon - of.meridian);
    const [x, y] = [Math.atan2(t, Math.cos(over)), Math.asinh(Math.sin(over) / Math.hypot(t, Math.cos(over)))];
    const [dx, dy] = waves(there, x, y);
    return [x + dx, y + dy];
  };
  const origin = flat(of.meridian, of.latitude)[0];
  return {
    forward([lon, lat]: Position): Position {
      const [x, y] = flat(lon, lat);
      return [of.easting + radius * y, of.northing + radius * (x - origin)];
    },
    inverse([east, north]: Position): Position {
      const [x, y] = [(north - of.northing) / radius + origin, (east - of.easting) / radius];
      const [dx, dy] = waves(back, x, y);
      const [u, v] = [x - dx, y - dy];
      const wanted = Math.sin(u) / Math.hypot(Math.sinh(v), Math.cos(u));
      let t = wanted / (1 - e * e);
      for (let i = 0; i < 6; i++) {
        const is = conformal(t);
        t += ((wanted - is) / Math.hypot(1, is)) * ((1 + (1 - e * e) * t * t) / ((1 - e * e) * Math.hypot(1, t)));
      }
      return [of.meridian + deg(Math.atan2(Math.sinh(v), Math.cos(u))), deg(Math.atan(t))];
    },
  };
}

/** Longitude and latitude as easting and northing of a system, or as its degrees. */
export function forward(of: Projection, at: Position): Position {
  if (of.projection === 'degrees') return at;
  if (of.plane) return plane(of.plane).forward(at);
  return [rad(at[0]) * AXIS, Math.asinh(Math.tan(rad(at[1]))) * AXIS];
}
/** The way back. */
export function inverse(of: Projection, at: Position): Position {
  if (of.projection === 'degrees') return at;
  if (of.plane) return plane(of.plane).inverse(at);
  return [deg(at[0] / AXIS), deg(Math.atan(Math.sinh(at[1] / AXIS)))];
}

/** A place as maps of the Chinese mainland's own offset have it (GCJ-02). */
export function gcj02([lon, lat]: Position): Position {
  if (lon < 72.004 || lon > 137.8347 || lat < 0.8293 || lat > 55.8271) return [lon, lat];
  const [x, y] = [lon - 105, lat - 35];
  const wave = (a: number, b: number, n: number) => a * Math.sin(n * b * Math.PI);
  const common = (wave(20, x, 6) + wave(20, x, 2)) * (2 / 3);
  const up =
    -100 +
    2 * x +
    3 * y +
    0.2 * y * y +
    0.1 * x * y +
    0.2 * Math.sqrt(Math.abs(x)) +
    common +
    (wave(20, y, 1) + wave(40, y, 1 / 3)) * (2 / 3) +
    (wave(160, y, 1 / 12) + wave(320, y, 1 / 30)) * (2 / 3);
  const over =
    300 +
    x +
    2 * y +
    0.1 * x * x +
    0.1 * x * y +
    0.1 * Math.sqrt(Math.abs(x)) +
    common +
    (wave(20, x, 1) + wave(40, x, 1 / 3)) * (2 / 3) +
    (wave(150, x, 1 / 12) + wave(300, x, 1 / 30)) * (2 / 3);
  // the ellipsoid of the offset is Krassovsky's
  const [axis, square] = [6_378_245, 0.006_693_421_622_965_943];
  const w = 1 - square * Math.sin(rad(lat)) ** 2;
  return [
    lon + (over * 180) / ((axis / Math.sqrt(w)) * Math.cos(rad(lat)) * Math.PI),
    lat + (up * 180) / (((axis * (1 - square)) / (w * Math.sqrt(w))) * Math.PI),
  ];
}
/** The way back: what is shifted to the place, by iteration. */
export function fromGcj02(at: Position): Position {
  let found = at;
  for (let i = 0; i < 8; i++) {
    const [lon, lat] = gcj02(found);
    found = [found[0] - lon + at[0], found[1] - lat + at[1]];
  }
  return found;
}
