// The live map as the panels see and command it.
import type { Map as GlMap } from 'maplibre-gl';
import type { Annotation, PointSet } from '../api/types';
import { dataset, layoutZones } from '../state/data.svelte';
import { classNamed } from '../state/description';
import { keptAs } from '../state/storage';
import { hasArea, theme, view } from '../state/view.svelte';
import { around, easeTo, fit, zoomBy } from './camera';
import type { Manner } from './freeSpace';
import { afterFigures, settled } from './settled.svelte';
import { mix, palette, ramp } from './palette';
import { zooms } from './zooms';

type Bounds = [number, number, number, number];
/** What lies under the pointer, and where on the screen. */
export interface Under {
  x: number;
  y: number;
  /** A zone's id, or an item's as `collection:id`, or how many enterprises. */
  zone?: string;
  item?: string;
  count?: number;
  name: string;
  cluster?: string | null;
}
/**
 * The map as the panels see it: `hot` is what a list points at, `cell` a spot of several enterprises, `under` what the
 * pointer is on; `idle` says that all is drawn, `covered` how many pixels a drawer hides from below.
 */
export const mapState = $state({
  // until the map finds that the browser cannot draw it
  working: true,
  ready: false,
  idle: false,
  zoom: 0,
  lat: 0,
  covered: 0,
  cell: null as null | { bounds: Bounds; n: number },
  hot: null as null | [number, number],
  under: null as null | Under,
  /** Where the pointer is. */
  pointer: null as null | [number, number],
  /** Whether the next click says where something is, and where that was. */
  placing: false,
  placed: null as null | [number, number],
  /** Whether vertices are moved: a click chooses nothing else. */
  shaping: false,
  /** Points that are measured; null while nothing is. */
  measured: null as null | readonly [number, number][],
  /** What the reader has written on the map. */
  notes: [] as readonly Annotation[],
  /** Points that the reader brings, and those of the view that is open, which are shown instead. */
  points: keptAs<PointSet>('points'),
  lent: null as null | PointSet,
});
/** The points over the map; none where it is part of another page. */
export const dots = (): PointSet | null => (view.embed ? null : (mapState.lent ?? mapState.points));
/** The picture instead of the map, where there is no other. */
interface Plain {
  zoom: (step: number) => void;
  fit: (bounds: readonly number[], manner: Manner) => void;
  show: (lngLat: [number, number], near: number) => void;
}
/** The library's map while there is one; for this folder only. */
export const mapInstance: { map: GlMap | null; plain: Plain | null } = { map: null, plain: null };

/** Whether pictures stand in for the live map: by the reader's choice, or because the browser can't do better. */
export const plainly = (): boolean => view.plain || !mapState.working;

/** The theme the map is drawn in: pictures are for paper too and always light. */
const ground = (): 'light' | 'dark' => (plainly() ? 'light' : theme());
/** Whether enterprises are drawn themselves; otherwise zones are shaded by number. Pictures draw them in every area. */
export const apart = (): boolean => mapState.zoom >= zooms().apart || (plainly() && hasArea());

/** The colour of the isolated cluster in this theme. */
export function clusterColour(): string | null {
  const cluster = classNamed(dataset.value, settled.cluster);
  return cluster ? (ground() === 'dark' ? cluster.color_dark : cluster.color) : null;
}
export const darkGround = (): boolean => ground() === 'dark';
/** The five colours of the shading: one hue, that of the isolated cluster if there is one. */
export function shades(): string[] {
  const c = palette[ground()];
  const hue = clusterColour() ?? c.shade;
  return ramp(ground() === 'dark' ? mix(hue, c.ground, 0.85) : hue, c.ground);
}

export const zoom = (step: number): void =>
  mapInstance.plain ? mapInstance.plain.zoom(step) : void (mapInstance.map && zoomBy(mapInstance.map, step));
function show(bounds: readonly number[] | null | undefined, manner: Manner = 'beside'): void {
  if (!bounds) return;
  if (mapInstance.plain) mapInstance.plain.fit(bounds, manner);
  else if (mapInstance.map) fit(mapInstance.map, bounds, () => mapState.covered, { manner });
}
export const home = (): void => show(dataset.value?.bounds);
/** Where the layout is: the box around the zones along its lines. */
export const core = () =>
  around(
    layoutZones().flatMap((zone) => (zone.bbox ? [zone.bbox] : [])),
    0.1,
  );
/** Brings a point into view; `steps` nearer than where rows begin to be drawn. */
export function showPoint(lngLat: [number, number], steps: number): void {
  const near = Math.min(17, zooms().rows + steps);
  if (mapInstance.plain) mapInstance.plain.show(lngLat, near);
  else afterFigures(() => mapInstance.map && easeTo(mapInstance.map, lngLat, near, mapState.covered));
}
export const showBox = (box: Bounds): void => show(box);
export const showCore = (): void => show(core() ?? dataset.value?.bounds, core() ? 'middle' : 'beside');
