// Geometry of a plan as paths of a drawing, and the frame that holds it.
import type { PlanContent } from '../../api/types';

export type Spot = [number, number];
export interface Geometry {
  type: string;
  coordinates: unknown;
}

/** The positions of a geometry, line by line; points by themselves. */
function lines(geometry: Geometry | null): { lines: Spot[][]; points: Spot[]; area: boolean } {
  const found = { lines: [] as Spot[][], points: [] as Spot[], area: geometry?.type.includes('Polygon') ?? false };
  const walk = (part: unknown): void => {
    if (!Array.isArray(part) || !part.length) return;
    if (typeof part[0] === 'number') found.points.push(part as Spot);
    else if (Array.isArray(part[0]) && typeof part[0][0] === 'number' && !geometry!.type.includes('Point'))
      found.lines.push(part as Spot[]);
    else part.forEach(walk);
  };
  walk(geometry?.coordinates);
  return found;
}

/** A geometry as a path, its points, and where its label stands. */
export function drawn(geometry: Geometry | null, at: (spot: Spot) => Spot) {
  const { lines: all, points, area } = lines(geometry);
  const line = all.map((one) => `M${one.map((spot) => at(spot).join(' ')).join('L')}${area ? 'Z' : ''}`).join('');
  const spots = [...all.flat(), ...points].map(at);
  const sum = spots.reduce<Spot>(([x, y], spot) => [x + spot[0], y + spot[1]], [0, 0]);
  const middle: Spot | null = spots.length ? [sum[0] / spots.length, sum[1] / spots.length] : null;
  return { line, points: points.map(at), area, middle };
}

/** What holds the layers of a plan with a margin: degrees, those of longitude narrower by `squeeze`, north above. */
export function frameOf(plan: PlanContent) {
  const layers = plan.layers.filter((layer) => !layer.ground);
  const shapes = [
    ...layers.flatMap((layer) => layer.features.map((feature) => feature.geometry)),
    ...plan.layouts.flatMap((layout) => layout.changes.map((change) => change.new)),
  ];
  let [west, south, east, north] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const shape of shapes) {
    const { lines: all, points } = lines(shape as Geometry | null);
    for (const [x, y] of [...all.flat(), ...points]) {
      [west, east] = [Math.min(west, x), Math.max(east, x)];
      [south, north] = [Math.min(south, y), Math.max(north, y)];
    }
  }
  if (!Number.isFinite(west)) [west, south, east, north] = [-180, -90, 180, 90];
  const squeeze = Math.max(0.05, Math.cos((((south + north) / 2) * Math.PI) / 180));
  const [width, height] = [Math.max(1e-3, (east - west) * squeeze), Math.max(1e-3, north - south)];
  const margin = Math.max(width, height) * 0.05;
  return {
    x: west * squeeze - margin,
    y: -north - margin,
    width: width + 2 * margin,
    height: height + 2 * margin,
    squeeze,
  };
}
