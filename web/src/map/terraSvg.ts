// Where the drawing tool draws: an SVG element above the map's canvas. As layers of the map each step of a drag would draw the whole map anew,
// some 50 to 100 ms where no graphics card helps (docs/adr/0088).
import type { Map as GlMap } from 'maplibre-gl';
import {
  type GeoJSONStoreFeatures,
  type TerraDrawAdapterStyling,
  type TerraDrawChanges,
  TerraDrawExtend,
  type TerraDrawStylingFunction,
} from 'terra-draw';

const SVG = 'http://www.w3.org/2000/svg';
/** The pointer's form over what can be dragged, and while it is. */
const OVER = 'move';
type Position = readonly number[];
type Callbacks = Parameters<TerraDrawExtend.TerraDrawBaseAdapter['register']>[0];

interface Drawn {
  feature: GeoJSONStoreFeatures;
  element: SVGElement;
}

export class SvgAdapter extends TerraDrawExtend.TerraDrawBaseAdapter {
  readonly #map: GlMap;
  readonly #svg = document.createElementNS(SVG, 'svg');
  readonly #drawn = new Map<string | number, Drawn>();
  readonly #moves: { pan: boolean; zoom: boolean };
  /** Whether the pointer is on what can be dragged. */
  #over = false;
  readonly #place = (): void => {
    for (const one of this.#drawn.values()) this.#put(one);
  };

  constructor(map: GlMap) {
    super({ coordinatePrecision: 9 });
    this.#map = map;
    this.#moves = { pan: map.dragPan.isEnabled(), zoom: map.doubleClickZoom.isEnabled() };
    this.#svg.setAttribute('class', 'drawing-overlay');
    this.#svg.setAttribute('aria-hidden', 'true');
  }

  override register(callbacks: Callbacks): void {
    super.register(callbacks);
    this.#map.getCanvas().after(this.#svg);
    this.#map.on('move', this.#place);
    this.#map.on('resize', this.#place);
    callbacks.onReady?.();
  }

  override unregister(): void {
    super.unregister();
    this.#map.off('move', this.#place);
    this.#map.off('resize', this.#place);
    this.#drawn.clear();
    this.#svg.replaceChildren();
    this.#svg.remove();
  }

  clear(): void {
    this._currentModeCallbacks?.onClear();
    this.#drawn.clear();
    this.#svg.replaceChildren();
  }

  render(changes: TerraDrawChanges, styling: TerraDrawStylingFunction): void {
    for (const id of changes.deletedIds) {
      this.#drawn.get(id)?.element.remove();
      this.#drawn.delete(id);
    }
    // what has not changed is there already, unless the tool has just been given it
    const fresh = changes.unchanged.filter((one) => !this.#drawn.has(one.id!));
    for (const feature of [...fresh, ...changes.created, ...changes.updated]) {
      const style = styling[String(feature.properties.mode)]?.(feature);
      if (style) this.#draw(feature, style);
    }
  }

  #draw(feature: GeoJSONStoreFeatures, style: TerraDrawAdapterStyling): void {
    const id = feature.id!;
    const point = feature.geometry.type === 'Point';
    const element = this.#drawn.get(id)?.element ?? document.createElementNS(SVG, point ? 'circle' : 'path');
    const one = { feature, element };
    this.#drawn.set(id, one);
    for (const [name, value] of Object.entries(attributes(feature, style))) element.setAttribute(name, String(value));
    this.#put(one);
    if (element.parentNode) return;
    // areas below lines below corners, each kind in the order in which it came
    element.setAttribute('data-z', String(style.zIndex));
    const above = [...this.#svg.children].find((other) => Number(other.getAttribute('data-z')) > style.zIndex);
    this.#svg.insertBefore(element, above ?? null);
  }

  #put({ feature: { geometry }, element }: Drawn): void {
    if (geometry.type === 'Point') {
      const { x, y } = this.project(geometry.coordinates[0]!, geometry.coordinates[1]!);
      element.setAttribute('cx', x.toFixed(1));
      element.setAttribute('cy', y.toFixed(1));
      return;
    }
    const path = (line: readonly Position[]): string =>
      line
        .map(([lng, lat], i) => {
          const { x, y } = this.project(lng!, lat!);
          return `${i ? 'L' : 'M'}${x.toFixed(1)} ${y.toFixed(1)}`;
        })
        .join('');
    const lines = geometry.type === 'LineString' ? path(geometry.coordinates) : geometry.coordinates.map(path).join('');
    element.setAttribute('d', geometry.type === 'LineString' ? lines : `${lines}Z`);
  }

  getMapEventElement(): HTMLElement {
    return this.#map.getCanvas();
  }
  getLngLatFromEvent(event: PointerEvent | MouseEvent): { lng: number; lat: number } {
    const { left, top } = this.#map.getContainer().getBoundingClientRect();
    return this.unproject(event.clientX - left, event.clientY - top);
  }
  project(lng: number, lat: number): { x: number; y: number } {
    const { x, y } = this.#map.project([lng, lat]);
    return { x, y };
  }
  unproject(x: number, y: number): { lng: number; lat: number } {
    const { lng, lat } = this.#map.unproject([x, y]);
    return { lng, lat };
  }
  setCursor(cursor: string): void {
    this.#map.getCanvas().style.cursor = cursor === 'unset' ? '' : cursor;
    // the map lets go before what the pointer is on is dragged: told only then, it has begun to pan and draws a frame
    if (cursor === OVER) this.setDraggability(false);
    else if (this.#over) this.setDraggability(true);
    this.#over = cursor === OVER;
  }
  // what was off before the tool came stays off
  setDraggability(enabled: boolean): void {
    if (enabled && this.#moves.pan) this.#map.dragPan.enable();
    else if (!enabled) this.#map.dragPan.disable();
  }
  setDoubleClickToZoom(enabled: boolean): void {
    if (enabled && this.#moves.zoom) this.#map.doubleClickZoom.enable();
    else if (!enabled) this.#map.doubleClickZoom.disable();
  }
}

function attributes(
  { geometry }: GeoJSONStoreFeatures,
  style: TerraDrawAdapterStyling,
): Record<string, string | number> {
  switch (geometry.type) {
    case 'Point':
      return {
        // the outline lies around the dot
        r: style.pointWidth + style.pointOutlineWidth / 2,
        fill: style.pointColor,
        'fill-opacity': style.pointOpacity ?? 1,
        stroke: style.pointOutlineColor,
        'stroke-opacity': style.pointOutlineOpacity ?? 1,
        'stroke-width': style.pointOutlineWidth,
      };
    case 'LineString':
      return {
        fill: 'none',
        stroke: style.lineStringColor,
        'stroke-opacity': style.lineStringOpacity ?? 1,
        'stroke-width': style.lineStringWidth,
      };
    default:
      return {
        fill: style.polygonFillColor,
        'fill-opacity': style.polygonFillOpacity,
        stroke: style.polygonOutlineColor,
        'stroke-opacity': style.polygonOutlineOpacity ?? 1,
        'stroke-width': style.polygonOutlineWidth,
      };
  }
}
