// Drawing an area by hand: which tool is in hand, what it has drawn so far, and how the View follows it.
import type { Map as GlMap } from 'maplibre-gl';
import type { TerraDraw } from 'terra-draw';
import { untrack } from 'svelte';
import { base } from '../state/data.svelte';
import {
  area,
  circleArea,
  circleCorners,
  corners,
  fromGeoJson,
  metres,
  type Outline,
  type Position,
} from '../state/outline';
import type { Circle, Op, View } from '../state/url';
import { EVERYWHERE, go, preview, theme, view } from '../state/view.svelte';
import { covered, freeRect } from './freeSpace';
import { mapState, mapInstance } from './mapState.svelte';

export const TOOLS = ['polygon', 'rectangle', 'circle', 'line'] as const;
export type Tool = (typeof TOOLS)[number] | 'edit';
type Own = Pick<View, 'drawn' | 'circle' | 'buffer'>;
/** Metres on either side of a line that was just drawn; the reader changes them. */
const WIDTH = 1000;

/** `op`: what is drawn is put together with the area that there is, instead of replacing it. */
export const drawTool = $state({
  tool: null as Tool | null,
  op: null as Op | null,
  loading: false,
  failed: false,
  corners: 0,
  km2: 0,
  /** Of the line that is drawn, in metres. */
  length: null as number | null,
  /** Of the circle that is drawn, in metres. */
  radius: null as number | null,
  undoable: false,
  /** Where the cross of keyboard drawing is, in pixels of the map; null until a key moves it. */
  cross: null as { x: number; y: number } | null,
});

/** Handles on an outline of more corners would cover the map. */
const MOST_HANDLES = 200;
let draw: TerraDraw | null = null;
/** What the outline was before each change by hand. */
let past: Own[] = [];
let own = '';

const now = (): Own => ({ drawn: view.drawn, circle: view.circle, buffer: view.buffer });
const key = (of: Own): string => JSON.stringify([of.drawn, of.circle, of.buffer]);
const rounded = (n: number, digits: number): number => Math.round(n * 10 ** digits) / 10 ** digits;
const upright = (ring: Position[]): boolean =>
  ring.length === 4 && new Set(ring.map((p) => p[0])).size === 2 && new Set(ring.map((p) => p[1])).size === 2;

/** Whether the area can be changed by hand: one outline of the reader's own, without holes, or a line. */
export const editable = (): boolean =>
  view.circle !== null ||
  (view.buffer?.line?.length ?? MOST_HANDLES + 1) <= MOST_HANDLES ||
  (view.drawn?.length === 1 && view.drawn[0]!.length === 1 && corners(view.drawn) <= MOST_HANDLES);

/** Moved as a whole a circle keeps its radius; the tool's ring would grow towards the poles. */
function circleOf(ring: Position[]): Circle {
  const of = (axis: 0 | 1): number =>
    (Math.min(...ring.map((p) => p[axis])) + Math.max(...ring.map((p) => p[axis]))) / 2;
  const center: Position = [rounded(of(0), 5), rounded(of(1), 5)];
  const held = drawTool.tool === 'edit' ? (before ?? now()).circle : null;
  if (held && metres(center, held.center) > 3) return { center, radius_m: held.radius_m };
  if (held) center.splice(0, 2, ...held.center);
  const reach = ring.reduce((sum, p) => sum + metres(center, p), 0) / ring.length;
  // the tool rounds its corners: that is no change of the circle
  if (held && Math.abs(reach - held.radius_m) < 1 + held.radius_m * 1e-4) return held;
  return { center, radius_m: Math.min(50_000, Math.max(1, Math.round(reach))) };
}

/** A line as an address has it; while it is drawn its last corner is the pointer, on the one before when it begins. */
function lineOf(coordinates: readonly (readonly number[])[]): Position[] {
  const line = coordinates.map(([lon, lat]): Position => [rounded(lon!, 6), rounded(lat!, 6)]);
  return line.filter(([lon, lat], i) => !i || lon !== line[i - 1]![0] || lat !== line[i - 1]![1]);
}

/** What is drawn, as the View has it; null while it has no area. */
function taken(): { own: Own; outline: Outline } | null {
  const drawn = draw?.getSnapshot().find((one) => one.geometry.type === 'LineString')?.geometry;
  if (drawn?.type === 'LineString') {
    const line = lineOf(drawn.coordinates);
    const distance_m = view.buffer?.distance_m ?? WIDTH;
    return line.length < 2
      ? null
      : { own: { drawn: null, circle: null, buffer: { item: null, line, distance_m } }, outline: [] };
  }
  const feature = draw?.getSnapshot().find((one) => one.geometry.type === 'Polygon');
  if (feature?.geometry.type !== 'Polygon') return null;
  const outline = fromGeoJson([feature.geometry.coordinates]);
  const ring = outline[0]![0]!;
  if (ring.length < 3) return null;
  return {
    own:
      feature.properties.mode === 'circle'
        ? { drawn: null, circle: circleOf(ring), buffer: null }
        : { drawn: outline, circle: null, buffer: null },
    outline,
  };
}

function measure(): void {
  const found = taken();
  const ring = found?.outline[0]?.[0]?.length ?? 0;
  // while a polygon is drawn its last corner is the pointer
  drawTool.corners = drawTool.tool === 'polygon' ? Math.max(0, ring - 1) : ring;
  const line = found?.own.buffer?.line;
  drawTool.length = line ? line.slice(1).reduce((sum, at, i) => sum + metres(line[i]!, at), 0) : null;
  drawTool.radius = found?.own.circle?.radius_m ?? null;
  drawTool.km2 = drawTool.radius !== null ? circleArea(drawTool.radius) : found ? area(found.outline) : 0;
}

let waiting: ReturnType<typeof setTimeout> | undefined;
let last = 0;
let latest: Own | null = null;
/** Numbers follow the hand: ten times a second at most, and not before the last ones have come. */
function follow(): void {
  waiting = undefined;
  if (!latest) return;
  const since = performance.now() - last;
  if (since < 100 || (base.loading && since < 1000)) {
    waiting = setTimeout(follow, 30);
    return;
  }
  last = performance.now();
  own = key(latest);
  preview(latest);
  latest = null;
}

function settle(change: Own, before: Own): void {
  clearTimeout(waiting);
  [waiting, latest] = [undefined, null];
  past = [...past.slice(-49), before];
  drawTool.undoable = true;
  own = key(change);
  go(change);
}

function finished(action: string): void {
  const found = taken();
  if (!found) return;
  if (action !== 'draw') return settle(found.own, before ?? now());
  const { op } = drawTool;
  if (op) {
    leave();
    go({ combine: [...view.combine, { op, zone: null, outline: found.outline }] });
    return;
  }
  const old = now();
  go({ ...EVERYWHERE, ...found.own });
  past = [...past, old];
  // the tool is still busy with the last click
  setTimeout(() => void begin('edit'));
}

/** The outline when the hand took hold of it. */
let before: Own | null = null;
function changed(): void {
  measure();
  if (drawTool.tool !== 'edit') return;
  const found = taken();
  if (!found || key(found.own) === own) return;
  before ??= now();
  latest = found.own;
  if (!waiting) follow();
}

function drop(): void {
  mapInstance.map?.getCanvas().removeEventListener('pointerdown', capture);
  clearTimeout(waiting);
  [waiting, latest, before] = [undefined, null, null];
  try {
    draw?.stop();
  } catch {
    // the style and the tool's layers with it are gone already
  }
  draw = null;
}

/** Takes a tool in hand; `edit` moves the corners of the area that there is. */
export async function begin(tool: Tool, op: Op | null = null): Promise<void> {
  drop();
  if (!mapInstance.map || (tool === 'edit' && !editable())) return leave();
  Object.assign(drawTool, {
    tool,
    op,
    loading: true,
    failed: false,
    corners: 0,
    km2: 0,
    length: null,
    radius: null,
    cross: null,
    undoable: tool === 'edit' && past.length > 0,
  });
  if (tool !== 'edit' && !op) past = [];
  const map = mapInstance.map;
  const press = tool === 'edit' ? null : firstPress(map);
  const kit = await fetchTool();
  const pressed = press?.() ?? null;
  drawTool.loading = false;
  if (!kit || map !== mapInstance.map) {
    leave();
    drawTool.failed = !kit;
    return;
  }
  if (drawTool.tool !== tool || draw || !mapState.ready) return;
  draw = kit.build(map, theme(), () => view.circle !== null);
  draw.start();
  draw.on('change', changed);
  draw.on('finish', (_, { action }) => {
    finished(action);
    before = null;
  });
  if (tool === 'edit') hold(draw);
  else draw.setMode(tool === 'line' ? 'linestring' : tool);
  map.getCanvas().addEventListener('pointerdown', capture);
  map.getCanvas().focus({ preventScroll: true });
  if (pressed) map.getCanvas().dispatchEvent(new PointerEvent('pointerdown', pressed));
}

/** Fetched when the tools come into sight, so that the first press finds them. */
export const fetchTool = () => import('./terra').catch(() => null);

/** While the tool is fetched a press does not move the map: it is kept for the tool, unless it is over by then. */
function firstPress(map: GlMap): () => PointerEventInit | null {
  let held: PointerEvent | null = null;
  const canvas = map.getCanvas();
  const down = (event: PointerEvent) => {
    held = event;
  };
  const up = () => (held = null);
  const moves = map.dragPan.isEnabled();
  map.dragPan.disable();
  canvas.addEventListener('pointerdown', down);
  addEventListener('pointerup', up);
  return () => {
    canvas.removeEventListener('pointerdown', down);
    removeEventListener('pointerup', up);
    if (moves) map.dragPan.enable();
    if (!held) return null;
    const { pointerId, pointerType, clientX, clientY, button, buttons, isPrimary } = held;
    return { pointerId, pointerType, clientX, clientY, button, buttons, isPrimary, bubbles: true, cancelable: true };
  };
}

/** Gives the area to the tool, with handles on it. */
function hold(tool: TerraDraw): void {
  own = key(now());
  const line = view.buffer?.line;
  if (line) {
    const id = tool.getFeatureId();
    const coordinates = line.map(([x, y]) => [x, y] as [number, number]);
    const geometry = { type: 'LineString' as const, coordinates };
    const added = tool.addFeatures([{ id, type: 'Feature', geometry, properties: { mode: 'linestring' } }]);
    if (!added[0]?.valid) return leave();
    tool.setMode('select');
    tool.selectFeature(id);
    return measure();
  }
  const ring = view.circle ? circleCorners(view.circle.center, view.circle.radius_m) : view.drawn![0]![0]!;
  const mode = view.circle ? 'circle' : upright(ring) ? 'rectangle' : 'polygon';
  const fine = ring.map(([x, y]) => [rounded(x, 7), rounded(y, 7)]);
  const id = tool.getFeatureId();
  const added = tool.addFeatures([
    {
      id,
      type: 'Feature',
      geometry: { type: 'Polygon', coordinates: [[...fine, fine[0]!]] },
      properties: { mode, ...(view.circle ? { radiusKilometers: view.circle.radius_m / 1000 } : {}) },
    },
  ]);
  if (!added[0]?.valid) return leave();
  tool.setMode('select');
  tool.selectFeature(id);
  measure();
}

/** A button that is let go over the legend or a panel ends the drag, too. */
function capture(event: PointerEvent): void {
  (event.currentTarget as Element).setPointerCapture(event.pointerId);
}

/** Puts the tool away; what is drawn stays. */
export function leave(): void {
  drop();
  Object.assign(drawTool, {
    tool: null,
    op: null,
    loading: false,
    corners: 0,
    km2: 0,
    length: null,
    radius: null,
    undoable: false,
    cross: null,
  });
}

/** Pixels that an arrow key moves the cross. */
const STEP = 10;
function press(kind: 'pointermove' | 'pointerdown' | 'pointerup', at: { x: number; y: number }): void {
  const canvas = mapInstance.map?.getCanvas();
  if (!canvas) return;
  const frame = canvas.getBoundingClientRect();
  const held = kind === 'pointerdown';
  canvas.dispatchEvent(
    new PointerEvent(kind, {
      pointerId: 1,
      pointerType: 'mouse',
      isPrimary: true,
      clientX: frame.left + at.x,
      clientY: frame.top + at.y,
      button: kind === 'pointermove' ? -1 : 0,
      buttons: held ? 1 : 0,
      bubbles: true,
      cancelable: true,
    }),
  );
}
/** Pixels around the cross that are seen, too. */
const SEEN = 40;
/** Where the cross begins: in the middle of the map, or of what a panel leaves of it. */
function start(map: Element): { x: number; y: number } {
  const middle = { x: map.clientWidth / 2, y: map.clientHeight / 2 };
  const over = covered(map, mapState.covered);
  const hidden = over.some(
    (one) =>
      one.left - SEEN < middle.x &&
      middle.x < one.right + SEEN &&
      one.top - SEEN < middle.y &&
      middle.y < one.bottom + SEEN,
  );
  if (!hidden) return middle;
  const free = freeRect(map, { width: 1, height: 1 }, mapState.covered, 'beside');
  return { x: (free.left + free.right) / 2, y: (free.top + free.bottom) / 2 };
}
/** Moves the cross by an arrow key, or shows it in the middle of the map; false where the key is another. */
export function moveCross(key: string, far: boolean): boolean {
  const canvas = mapInstance.map?.getCanvas();
  const step = far ? STEP * 5 : STEP;
  const moves: Record<string, [number, number]> = {
    ArrowLeft: [-step, 0],
    ArrowRight: [step, 0],
    ArrowUp: [0, -step],
    ArrowDown: [0, step],
    '': [0, 0],
  };
  const move = moves[key];
  if (!canvas || !move) return false;
  const { clientWidth: width, clientHeight: height } = canvas;
  const at = drawTool.cross ?? start(canvas);
  drawTool.cross = {
    x: Math.max(1, Math.min(width - 1, at.x + move[0])),
    y: Math.max(1, Math.min(height - 1, at.y + move[1])),
  };
  return true;
}
/** What an arrow, the space bar or Enter does while a tool draws; false where it does nothing. */
export function keyDraw(key: string, far: boolean): boolean {
  if (!draw) return false;
  if (moveCross(key, far)) {
    press('pointermove', drawTool.cross!);
    return true;
  }
  const at = drawTool.cross;
  // polygons and lines are finished by the tool itself; other shapes by a second corner
  if (!at || (key === 'Enter' && ['polygon', 'line'].includes(drawTool.tool ?? ''))) return false;
  press('pointermove', at);
  press('pointerdown', at);
  press('pointerup', at);
  return true;
}

/** Takes back the last corner, or the last change. */
export function undo(): void {
  if (drawTool.tool !== 'edit') {
    draw?.undo();
    measure();
    return;
  }
  const old = past.pop();
  drawTool.undoable = past.length > 0;
  if (old) go(old);
}

/** The map's style is about to be replaced, and the tool's layers with it. */
export const suspend = (): void => drop();

/** Follows the View while a tool is in hand: other outlines by the browser's buttons, other styles, other pages. */
export function watch(): void {
  $effect(() => {
    const [outline, ready] = [key(now()), mapState.ready];
    untrack(() => {
      if (!drawTool.tool || !ready) return;
      if (drawTool.tool === 'edit') {
        if (!draw || outline !== own) void begin('edit');
      } else if (!draw && !drawTool.loading) leave();
    });
  });
}
