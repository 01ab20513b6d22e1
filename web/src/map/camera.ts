// Moves the map: to the layout at first, to a chosen zone later; gently, or at once for readers who asked for less motion and on
// machines without a graphics card, where the frames on the way keep figures and lists from being shown.
import type { LngLatBoundsLike, Map as GlMap } from 'maplibre-gl';
import { untrack } from 'svelte';
import { type Manner, freeRect, settled, showIn } from './freeSpace';
import { proportion } from './pair/position';
import { zooms } from './zooms';

type Bounds = [number, number, number, number];
/** What draws in the place of a graphics card: in Chromium, in Mesa, in Windows. */
const SOFTWARE = /swiftshader|llvmpipe|softpipe|software|basic render/i;
const bySoftware = new WeakMap<GlMap, boolean>();
/** Whether the processor draws the map. */
function drawnBySoftware(map: GlMap): boolean {
  let known = bySoftware.get(map);
  if (known === undefined) {
    const gl = map.getCanvas().getContext('webgl2');
    const named = gl?.getExtension('WEBGL_debug_renderer_info')?.UNMASKED_RENDERER_WEBGL ?? gl?.RENDERER;
    known = SOFTWARE.test(String(gl?.getParameter(named ?? 0)));
    bySoftware.set(map, known);
  }
  return known;
}
const calm = (map: GlMap): boolean => matchMedia('(prefers-reduced-motion: reduce)').matches || drawnBySoftware(map);
const duration = (map: GlMap): number => (calm(map) ? 0 : 700);
const sizeOf = (map: GlMap) => ({ width: map.getContainer().clientWidth, height: map.getContainer().clientHeight });

/** Shows a box as large as there is room for it; as many pixels as `drawer` says are hidden from below. */
export function fit(
  map: GlMap,
  bounds: readonly number[],
  drawer: () => number,
  { animate = true, manner = 'beside' as Manner } = {},
): void {
  // a move that is not animated is told to all who listen at once; what these read is nothing that an effect waits for
  untrack(() =>
    showIn(
      () => freeRect(map.getContainer(), proportion(bounds), drawer(), manner),
      (free) => {
        const { width, height } = sizeOf(map);
        map.fitBounds(bounds as unknown as LngLatBoundsLike, {
          padding: { left: free.left, top: free.top, right: width - free.right, bottom: height - free.bottom },
          duration: animate ? duration(map) : 0,
          maxZoom: zooms().nearest,
        });
      },
    ),
  );
}
/** Brings a place to the middle of what is seen above the drawer. */
export function easeTo(map: GlMap, center: [number, number], zoom: number, drawer: number): void {
  settled();
  map.easeTo({ center, zoom: Math.max(map.getZoom(), zoom), offset: [0, -drawer / 2], duration: duration(map) });
}
export function zoomBy(map: GlMap, step: number): void {
  map.easeTo({ zoom: Math.round((map.getZoom() + step) * 2) / 2, duration: calm(map) ? 0 : 250 });
}

/** The box around several boxes, widened by a share of its size. */
export function around(boxes: readonly (readonly number[])[], share: number): Bounds | null {
  if (!boxes.length) return null;
  const [w, s, e, n] = [0, 1, 2, 3].map((i) =>
    Math[i < 2 ? 'min' : 'max'](...boxes.map((box) => box[i]!)),
  ) as unknown as Bounds;
  return [w - (e - w) * share, s - (n - s) * share, e + (e - w) * share, n + (n - s) * share];
}

export const circleBox = ({ center: [lon, lat], radius_m }: { center: [number, number]; radius_m: number }): Bounds => {
  const d = radius_m / 90_000;
  return [lon - d, lat - d, lon + d, lat + d];
};
