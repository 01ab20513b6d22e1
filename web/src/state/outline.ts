// Outlines in an address: whole micro-degrees, each the step from the one before, five bits to a character.
export type Position = [number, number];
/** Polygons, each a list of rings, the first one outside; a ring does not repeat its first corner. */
export type Outline = Position[][][];

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const UNITS = 1e6;
/** More corners than the server takes. */
export const MOST_CORNERS = 10_000;

export const corners = (outline: Outline): number =>
  outline.reduce((sum, rings) => sum + rings.reduce((n, ring) => n + ring.length, 0), 0);

function put(value: number): string {
  // the sign goes last, so that small steps either way are short
  let rest = value < 0 ? -2 * value - 1 : 2 * value;
  let text = '';
  do {
    const five = rest % 32;
    rest = Math.floor(rest / 32);
    text += DIGITS[five + (rest ? 32 : 0)];
  } while (rest);
  return text;
}

/** `.` parts rings, `~` polygons. */
export function encode(outline: Outline): string {
  let [x, y] = [0, 0];
  const corner = ([lon, lat]: Position): string => {
    const [nx, ny] = [Math.round(lon * UNITS), Math.round(lat * UNITS)];
    const text = put(nx - x) + put(ny - y);
    [x, y] = [nx, ny];
    return text;
  };
  return outline.map((rings) => rings.map((ring) => ring.map(corner).join('')).join('.')).join('~');
}

/** What was encoded; null for anything that is no outline, or that has a part of fewer corners than `least`. */
export function decode(text: string, least = 3): Outline | null {
  let [x, y] = [0, 0];
  let count = 0;
  const ring = (part: string): Position[] | null => {
    const steps: number[] = [];
    let [value, place] = [0, 1];
    for (const char of part) {
      const digit = DIGITS.indexOf(char);
      if (digit < 0 || place > 2 ** 40) return null;
      value += (digit % 32) * place;
      place *= 32;
      if (digit < 32) {
        steps.push(value % 2 ? -(value + 1) / 2 : value / 2);
        [value, place] = [0, 1];
      }
    }
    if (place !== 1 || steps.length % 2 || steps.length < 2 * least) return null;
    const out: Position[] = [];
    for (let i = 0; i < steps.length; i += 2) {
      x += steps[i]!;
      y += steps[i + 1]!;
      out.push([x / UNITS, y / UNITS]);
    }
    count += out.length;
    return out.every(([lon, lat]) => Math.abs(lon) <= 180 && Math.abs(lat) <= 90) ? out : null;
  };
  const outline = text.split('~').map((polygon) => polygon.split('.').map(ring));
  return count <= MOST_CORNERS && outline.every((rings) => rings.every((one) => one !== null))
    ? (outline as Outline)
    : null;
}

/** As GeoJSON, rings closed. */
export const toGeoJson = (outline: Outline): { type: 'MultiPolygon'; coordinates: Position[][][] } => ({
  type: 'MultiPolygon',
  coordinates: outline.map((rings) => rings.map((ring) => [...ring, ring[0]!])),
});

type Coordinates = readonly (readonly (readonly number[])[])[];
/** From GeoJSON coordinates of polygons: rings opened, heights left out, rounded as an address has them. */
export const fromGeoJson = (polygons: readonly Coordinates[]): Outline =>
  polygons.map((rings) =>
    rings.map((ring) => {
      const points = ring.map(([lon, lat]): Position => [
        Math.round(lon! * UNITS) / UNITS,
        Math.round(lat! * UNITS) / UNITS,
      ]);
      const [first, last] = [points[0], points.at(-1)];
      return points.length > 1 && first![0] === last![0] && first![1] === last![1] ? points.slice(0, -1) : points;
    }),
  );

const RADIUS = 6_371_007.2;
const rad = (degrees: number): number => (degrees * Math.PI) / 180;
const SQUARE = 0.006_694_379_990_141;
const zonal = (sine: number): number => {
  const e = Math.sqrt(SQUARE);
  return (1 - SQUARE) * (sine / (1 - SQUARE * sine * sine) + Math.atanh(e * sine) / e);
};
/** Sine of the latitude on the sphere of the ellipsoid's area. */
const authalic = (lat: number): number => zonal(Math.sin(rad(lat))) / zonal(1);
/** Square kilometres on the sphere of the Earth's surface: what is shown while drawing; the server measures on the ellipsoid. */
export function area(outline: Outline): number {
  const ring = (points: Position[]): number =>
    Math.abs(
      points.reduce((sum, [lon, lat], i) => {
        const [next, up] = points[(i + 1) % points.length]!;
        return sum + rad(next - lon) * (2 + authalic(lat) + authalic(up));
      }, 0),
    ) / 2;
  const square = outline.reduce(
    (sum, [outer = [], ...holes]) => sum + ring(outer) - holes.reduce((n, hole) => n + ring(hole), 0),
    0,
  );
  return (square * RADIUS * RADIUS) / 1e6;
}

/** Square kilometres of a circle with a radius in metres, on the same sphere. */
export const circleArea = (radius: number): number =>
  (4 * Math.PI * RADIUS ** 2 * Math.sin(radius / RADIUS / 2) ** 2) / 1e6;

/** WGS 84: semi-major axis in metres, flattening. */
const [AXIS, FLAT] = [6_378_137, 1 / 298.257_223_563];
/** The geodesic between two points (Vincenty, 1975): metres, and the bearing at its start in degrees from north. */
export function geodesic(from: Position, to: Position): { metres: number; bearing: number } {
  const b = AXIS * (1 - FLAT);
  const reduced = (lat: number) => Math.atan((1 - FLAT) * Math.tan(rad(lat)));
  const [u1, u2, over] = [reduced(from[1]), reduced(to[1]), rad(to[0] - from[0])];
  const [s1, c1, s2, c2] = [Math.sin(u1), Math.cos(u1), Math.sin(u2), Math.cos(u2)];
  let lambda = over;
  for (let i = 0; i < 200; i++) {
    const [sl, cl] = [Math.sin(lambda), Math.cos(lambda)];
    const sin = Math.hypot(c2 * sl, c1 * s2 - s1 * c2 * cl);
    if (sin === 0) return { metres: 0, bearing: 0 };
    const cos = s1 * s2 + c1 * c2 * cl;
    const sigma = Math.atan2(sin, cos);
    const alpha = (c1 * c2 * sl) / sin;
    const cosAlpha = 1 - alpha * alpha;
    const mid = cosAlpha === 0 ? 0 : cos - (2 * s1 * s2) / cosAlpha;
    const c = (FLAT / 16) * cosAlpha * (4 + FLAT * (4 - 3 * cosAlpha));
    const next = over + (1 - c) * FLAT * alpha * (sigma + c * sin * (mid + c * cos * (2 * mid * mid - 1)));
    const done = Math.abs(next - lambda) < 1e-12;
    lambda = next;
    if (!done) continue;
    const u = (cosAlpha * (AXIS * AXIS - b * b)) / (b * b);
    const big = 1 + (u / 16_384) * (4096 + u * (-768 + u * (320 - 175 * u)));
    const small = (u / 1024) * (256 + u * (-128 + u * (74 - 47 * u)));
    const least =
      small *
      sin *
      (mid + (small / 4) * (cos * (2 * mid * mid - 1) - (small / 6) * mid * (4 * sin * sin - 3) * (4 * mid * mid - 3)));
    const bearing = (Math.atan2(c2 * Math.sin(lambda), c1 * s2 - s1 * c2 * Math.cos(lambda)) * 180) / Math.PI;
    return { metres: b * big * (sigma - least), bearing: (bearing + 360) % 360 };
  }
  // nearly antipodal points, for which the series does not converge
  return { metres: metres(from, to), bearing: 0 };
}

/** Metres between two points by the great circle. */
export function metres([x0, y0]: Position, [x1, y1]: Position): number {
  const h = Math.sin(rad(y1 - y0) / 2) ** 2 + Math.cos(rad(y0)) * Math.cos(rad(y1)) * Math.sin(rad(x1 - x0) / 2) ** 2;
  return 2 * RADIUS * Math.asin(Math.min(1, Math.sqrt(h)));
}

/** Which of the eight winds leads from one point to another, clockwise from north. */
export function wind([x0, y0]: Position, [x1, y1]: Position): number {
  const east = rad(x1 - x0) * Math.cos(rad((y0 + y1) / 2));
  return (Math.round(Math.atan2(east, rad(y1 - y0)) / (Math.PI / 4)) + 8) % 8;
}

/** Corners of a circle that is shown as a polygon. */
export const CIRCLE_CORNERS = 72;
/** The corners of a circle on the ground as a polygon, the eastern one first. */
export const circleCorners = ([lon, lat]: readonly [number, number], radius: number): Position[] => {
  const [phi, far] = [rad(lat), radius / RADIUS];
  return Array.from({ length: CIRCLE_CORNERS }, (_, i): Position => {
    const north = Math.sin((i / CIRCLE_CORNERS) * 2 * Math.PI);
    const east = Math.cos((i / CIRCLE_CORNERS) * 2 * Math.PI);
    const up = Math.asin(Math.sin(phi) * Math.cos(far) + Math.cos(phi) * Math.sin(far) * north);
    const over = Math.atan2(east * Math.sin(far) * Math.cos(phi), Math.cos(far) - Math.sin(phi) * Math.sin(up));
    return [lon + (over * 180) / Math.PI, (up * 180) / Math.PI];
  });
};

/** West, south, east, north. */
export function box(outline: Outline): [number, number, number, number] {
  const all = outline.flat(2);
  const of = (axis: 0 | 1, pick: (...n: number[]) => number): number =>
    all.reduce((most, one) => pick(most, one[axis]), all[0]?.[axis] ?? 0);
  return [of(0, Math.min), of(1, Math.min), of(0, Math.max), of(1, Math.max)];
}
