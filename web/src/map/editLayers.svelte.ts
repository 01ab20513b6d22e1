// What a draft changes, over the map: old and new outlines together, and the handles of the one that is reshaped.
import type { GeoJSONSource, Map as GlMap, MapMouseEvent, MapTouchEvent } from 'maplibre-gl';
import { theme } from '../state/view.svelte';
import { around as widened } from './camera';
import { drawTool } from './drawTool.svelte';
import { covered } from './freeSpace';
import { mapInstance, mapState, showBox, showPoint } from './mapState.svelte';
import { palette } from './palette';
import { middle, type Path, type Position, type Shape, type Vertex } from './vertices';

const SOURCE = 'page-edits';
const HANDLES = `${SOURCE}-handles`;
const LAYERS = [HANDLES, `${HANDLES}-line`, `${SOURCE}-points`, SOURCE, `${SOURCE}-old`];
/** An outline before (`old`) or after a change. */
export interface Outlined {
  shape: Shape;
  old: boolean;
}
/** What the pointer does to vertices. */
export interface VertexActions {
  choose: (vertex: Vertex) => void;
  /** Adds a vertex after this one. */
  insert: (vertex: Vertex, at: Position) => void;
  /** Moves the chosen one. */
  move: (at: Position) => void;
  /** The move has ended. */
  end: () => void;
}

const feature = (geometry: unknown, properties: Record<string, unknown>) => ({ type: 'Feature', geometry, properties });
const collection = (features: unknown[]) => ({ type: 'FeatureCollection', features }) as never;
/** Pixels around a vertex that are it, for fingers too. */
export const REACH = 9;

function add(map: GlMap): void {
  const c = palette[theme()];
  map.addSource(SOURCE, { type: 'geojson', data: collection([]) });
  map.addSource(HANDLES, { type: 'geojson', data: collection([]) });
  map.addLayer({
    id: `${SOURCE}-old`,
    type: 'line',
    source: SOURCE,
    filter: ['==', ['get', 'old'], true],
    paint: { 'line-color': c.soft, 'line-width': 2, 'line-dasharray': [2, 2] },
  });
  map.addLayer({
    id: SOURCE,
    type: 'line',
    source: SOURCE,
    filter: ['!=', ['get', 'old'], true],
    paint: { 'line-color': c.plan, 'line-width': 2.6 },
  });
  map.addLayer({
    id: `${SOURCE}-points`,
    type: 'circle',
    source: SOURCE,
    filter: ['==', ['geometry-type'], 'Point'],
    paint: {
      'circle-radius': 7,
      'circle-color': ['case', ['get', 'old'], 'rgba(0,0,0,0)', c.plan],
      'circle-stroke-color': ['case', ['get', 'old'], c.soft, c.halo],
      'circle-stroke-width': 2,
    },
  });
  map.addLayer({
    id: `${HANDLES}-line`,
    type: 'line',
    source: HANDLES,
    filter: ['==', ['geometry-type'], 'LineString'],
    paint: { 'line-color': c.plan, 'line-width': 1.6 },
  });
  map.addLayer({
    id: HANDLES,
    type: 'circle',
    source: HANDLES,
    filter: ['==', ['geometry-type'], 'Point'],
    paint: {
      'circle-radius': ['case', ['get', 'middle'], 4, ['get', 'chosen'], REACH, 6],
      'circle-color': ['case', ['get', 'chosen'], c.plan, c.halo],
      'circle-opacity': ['case', ['get', 'middle'], 0.7, 1],
      'circle-stroke-color': c.plan,
      'circle-stroke-width': 2,
    },
  });
}

function remove(map: GlMap): void {
  for (const layer of LAYERS) if (map.getLayer(layer)) map.removeLayer(layer);
  for (const source of [HANDLES, SOURCE]) if (map.getSource(source)) map.removeSource(source);
}

function handles(all: readonly Path[], chosen: Vertex | null, lines: readonly Path[]): unknown[] {
  const point = (at: Position, properties: Record<string, unknown>) =>
    feature({ type: 'Point', coordinates: at }, properties);
  const found: unknown[] = [];
  for (const { at, closed, joined } of [...all, ...lines])
    if (joined && at.length > 1)
      found.push(feature({ type: 'LineString', coordinates: closed ? [...at, at[0]!] : at }, {}));
  all.forEach(({ at }, path) =>
    at.forEach((position, index) => {
      const between = middle(all, { path, index });
      if (between) found.push(point(between, { path, index, middle: true, chosen: false }));
      found.push(
        point(position, { path, index, middle: false, chosen: chosen?.path === path && chosen.index === index }),
      );
    }),
  );
  return found;
}

/** What is drawn for whom: a draft and a version may be looked at together. */
const shown = new Map<object, readonly Outlined[]>();
function draw(map: GlMap): void {
  const all = [...shown.values()].flat().map(({ shape, old }) => feature(shape, { old }));
  void (map.getSource(SOURCE) as GeoJSONSource | undefined)?.setData(collection(all));
}

/** Keeps outlines on the map; call in a component that stands while they are looked at. */
export function followOutlines(outlines: () => readonly Outlined[]): void {
  const own = {};
  $effect(() => {
    const map = mapInstance.map;
    void theme();
    if (!mapState.ready || !map) return;
    if (!map.getSource(SOURCE)) add(map);
    shown.set(own, outlines());
    draw(map);
  });
  $effect(() => () => {
    shown.delete(own);
    const map = mapInstance.map;
    if (!map || !mapState.ready) return;
    if (shown.size) draw(map);
    else remove(map);
  });
}

/** Keeps positions and lines on the map that nobody moves. */
export const followStill = (drawn: () => readonly Path[], lines: () => readonly Path[]): void => {
  const none = (): void => {};
  followHandles(
    drawn,
    () => null,
    () => false,
    { choose: none, insert: none, move: none, end: none },
    lines,
  );
};

/** Keeps handles on vertices, and follows the pointer while they may be moved; call in a component that stands meanwhile. */
export function followHandles(
  all: () => readonly Path[],
  chosen: () => Vertex | null,
  movable: () => boolean,
  actions: VertexActions,
  lines: () => readonly Path[] = () => [],
): void {
  $effect(() => {
    const map = mapInstance.map;
    const found = handles(all(), chosen(), lines());
    if (!mapState.ready || !map) return;
    if (!map.getSource(HANDLES)) add(map);
    void (map.getSource(HANDLES) as GeoJSONSource).setData(collection(found));
  });
  $effect(() => {
    const map = mapInstance.map;
    if (!mapState.ready || !map || !movable()) return;
    const down = (event: MapMouseEvent | MapTouchEvent) => {
      const { x, y } = event.point;
      const box: [[number, number], [number, number]] = [
        [x - REACH, y - REACH],
        [x + REACH, y + REACH],
      ];
      const hits = map.getLayer(HANDLES) ? map.queryRenderedFeatures(box, { layers: [HANDLES] }) : [];
      // a vertex is meant before the middle beside it
      const hit = hits.find((one) => !one.properties.middle) ?? hits[0];
      if (!hit) return;
      event.preventDefault();
      const vertex: Vertex = { path: Number(hit.properties.path), index: Number(hit.properties.index) };
      if (hit.properties.middle) actions.insert(vertex, [event.lngLat.lng, event.lngLat.lat]);
      else actions.choose(vertex);
      const drag = (next: MapMouseEvent | MapTouchEvent) => actions.move([next.lngLat.lng, next.lngLat.lat]);
      const up = () => {
        map.off('mousemove', drag);
        map.off('touchmove', drag);
        actions.end();
      };
      map.on('mousemove', drag);
      map.on('touchmove', drag);
      map.once('mouseup', up);
      map.once('touchend', up);
    };
    map.on('mousedown', down);
    map.on('touchstart', down);
    mapState.shaping = true;
    return () => {
      map.off('mousedown', down);
      map.off('touchstart', down);
      mapState.shaping = false;
    };
  });
  $effect(() => () => {
    if (mapInstance.map && mapState.ready)
      void (mapInstance.map.getSource(HANDLES) as GeoJSONSource | undefined)?.setData(collection([]));
  });
}

/** A position so many pixels away on the map as it is. */
export function shifted([lon, lat]: Position, x: number, y: number): Position {
  const map = mapInstance.map;
  if (!map) return [lon, lat];
  const at = map.project([lon, lat]);
  const { lng, lat: found } = map.unproject([at.x + x, at.y + y]);
  return [lng, found];
}

/** Where the cross of keyboard drawing stands, or the middle of the map. */
export function atCross(): Position | null {
  const map = mapInstance.map;
  if (!map) return null;
  const { lng, lat } = drawTool.cross ? map.unproject([drawTool.cross.x, drawTool.cross.y]) : map.getCenter();
  return [lng, lat];
}

/** Pixels below which nothing can be seen of an outline. */
const LEAST = 24;
/** Brings what is edited into view where a part of it is hidden or it is too small, with room around it to draw in. */
export function uncover(box: [number, number, number, number]): void {
  const map = mapInstance.map;
  if (!map) return;
  const [from, to] = [map.project([box[0], box[3]]), map.project([box[2], box[1]])];
  const frame = map.getContainer();
  const outside = from.x < 0 || from.y < 0 || to.x > frame.clientWidth || to.y > frame.clientHeight;
  const hidden = covered(frame, mapState.covered).some(
    (one) => one.left < to.x && one.right > from.x && one.top < to.y && one.bottom > from.y,
  );
  const point = box[0] === box[2] && box[1] === box[3];
  const small = !point && Math.max(to.x - from.x, to.y - from.y) < LEAST;
  if (!outside && !hidden && !small) return;
  if (point) showPoint([box[0], box[1]], 0);
  else showBox(widened([box], 0.3) ?? box);
}
