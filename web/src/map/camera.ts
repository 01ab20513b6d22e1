// Moves the map: to the layout at first, to a chosen zone later; gently, or at once for readers who asked for less motion.
import type { LngLatBoundsLike, Map as GlMap } from 'maplibre-gl';

type Bounds = [number, number, number, number];
const calm = (): boolean => matchMedia('(prefers-reduced-motion: reduce)').matches;
const duration = (): number => (calm() ? 0 : 700);
/** Room for the corners: approval number and legend at the bottom, the drawer on a narrow screen. */
const padding = (map: GlMap, covered: number) =>
  map.getContainer().clientWidth < 560 ? { top: 16, bottom: covered + 64, left: 44, right: 44 } : { top: 36, bottom: 48, left: 72, right: 72 };

export function fit(map: GlMap, bounds: readonly number[], covered: number, animate = true): void {
  map.fitBounds(bounds as unknown as LngLatBoundsLike, { padding: padding(map, covered), duration: animate ? duration() : 0, maxZoom: 14.5 });
}
export function easeTo(map: GlMap, center: [number, number], zoom: number): void {
  map.easeTo({ center, zoom: Math.max(map.getZoom(), zoom), duration: duration() });
}
/** Whether a point lies well within the map. */
export function isSeen(map: GlMap, lngLat: [number, number]): boolean {
  const { x, y } = map.project(lngLat);
  const { clientWidth, clientHeight } = map.getContainer();
  return x > 24 && y > 24 && x < clientWidth - 24 && y < clientHeight - 24;
}
export function zoomBy(map: GlMap, step: number): void {
  map.easeTo({ zoom: Math.round((map.getZoom() + step) * 2) / 2, duration: calm() ? 0 : 250 });
}

/** The box around several boxes, widened by a share of its size. */
export function around(boxes: readonly (readonly number[])[], share: number): Bounds | null {
  if (!boxes.length) return null;
  const [w, s, e, n] = [0, 1, 2, 3].map((i) => Math[i < 2 ? 'min' : 'max'](...boxes.map((box) => box[i]!))) as unknown as Bounds;
  return [w - (e - w) * share, s - (n - s) * share, e + (e - w) * share, n + (n - s) * share];
}

export const circleBox = ({ center: [lon, lat], radius_m }: { center: [number, number]; radius_m: number }): Bounds => {
  const d = radius_m / 90_000;
  return [lon - d, lat - d, lon + d, lat + d];
};
