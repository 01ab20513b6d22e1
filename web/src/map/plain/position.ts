// Where a picture of the map stands and what lies under a point of it; pure arithmetic.
import { project, unproject } from '../labelLayout';

export interface Stance {
  lon: number;
  lat: number;
  zoom: number;
}
const HALF = 20_037_508.342789244;
export const MOST = 18;

/** The box that a picture of so many pixels shows, in metres of Web Mercator. */
export function boxOf({ lon, lat, zoom }: Stance, width: number, height: number): [number, number, number, number] {
  const { x, y } = project([lon, lat], 0);
  const metres = (2 * HALF) / 512;
  const part = 2 ** -zoom / 2;
  return [
    (x - width * part) * metres - HALF,
    HALF - (y + height * part) * metres,
    (x + width * part) * metres - HALF,
    HALF - (y - height * part) * metres,
  ];
}

/** What is so many pixels right of and below the middle. */
export function at({ lon, lat, zoom }: Stance, dx: number, dy: number): [number, number] {
  const { x, y } = project([lon, lat], zoom);
  return unproject({ x: x + dx, y: y + dy }, zoom);
}
/** How far a place is from the middle, in pixels. */
export function offset({ lon, lat, zoom }: Stance, place: readonly [number, number]): { dx: number; dy: number } {
  const [middle, there] = [project([lon, lat], zoom), project(place, zoom)];
  return { dx: there.x - middle.x, dy: there.y - middle.y };
}
/** A polygon or several as the path of an SVG whose origin is the middle. */
export function pathOf(stance: Stance, geometry: unknown): string {
  const { type, coordinates } = geometry as { type: string; coordinates: unknown };
  const polygons = (type === 'Polygon' ? [coordinates] : coordinates) as [number, number][][][];
  const corner = (place: readonly [number, number]) => {
    const { dx, dy } = offset(stance, place);
    return `${dx.toFixed(1)} ${dy.toFixed(1)}`;
  };
  return polygons.flatMap((rings) => rings.map((ring) => `M${ring.map(corner).join('L')}Z`)).join('');
}
export function panned(stance: Stance, dx: number, dy: number): Stance {
  const [lon, lat] = at(stance, dx, dy);
  return { ...stance, lon, lat: Math.max(-84, Math.min(84, lat)) };
}
/** Nearer or further, no further than `least`, with one point of the picture staying where it is. */
export function zoomed(stance: Stance, step: number, least: number, dx = 0, dy = 0): Stance {
  const zoom = Math.min(MOST, Math.max(least, stance.zoom + step));
  const fixed = at(stance, dx, dy);
  const moved = { ...stance, zoom, lon: fixed[0], lat: fixed[1] };
  return panned(moved, -dx, -dy);
}
/** How to lay a picture drawn for one stance over another: shift of its middle and scale. */
export function lay(from: Stance, to: Stance): { dx: number; dy: number; scale: number } {
  return { ...offset(to, [from.lon, from.lat]), scale: 2 ** (to.zoom - from.zoom) };
}
