// Two maps that move together: the same style, the same classes and colours, each its own period or zone.
import { type GeoJSONSource, Map as GlMap, setWorkerUrl, type StyleSpecification as GlStyle } from 'maplibre-gl';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?url';
import '../canvas.css';
import type { StyleLayer, StyleSpecification } from '../../api/style';
import { FONT } from '../symbols';
import { type Label, NOTHING, placeLabels } from '../labels';
import { LABELS, LEADERS, middle as areas, over, OWN, pageSources, shade, shadeLayer } from '../layers';
import { palette } from '../palette';
import { type Outline, toGeoJson } from '../../state/outline';
import type { Lang, Theme } from '../../state/url';
import { drawnFrom, insertAfter, prepare } from '../style';
import { zooms } from '../zooms';
import { across, middle, type Place, zoomFor } from './position';

setWorkerUrl(workerUrl);

/** What one of the two maps shows. */
export interface Side {
  /** Zone to outline. */
  zone: string | null;
  /** Polygons of the reader's own to outline. */
  outlines: Outline;
  box: readonly number[];
  colours: ReadonlyMap<string, string>;
  labels: readonly Label[];
}
const CHOSEN = 'pair-chosen';
/** What the style is of: the collections whose zones divide the whole and the others with zones, and what helps to find one's way. */
export interface Drawn {
  partition: readonly string[];
  zones: readonly string[];
  /** Water and the like, and the lines of the layout. */
  ground: readonly string[];
}

export function styleOf(served: StyleSpecification, theme: Theme, lang: Lang, drawn: Drawn): GlStyle {
  const base = prepare(served, {
    register: null,
    period: null,
    cluster: null,
    clusterProperty: '',
    classes: {},
    filter: null,
  });
  // dots, marks and overlapping areas would only hide the shading
  const kept = (layer: StyleLayer): boolean =>
    layer.type === 'background' ||
    ((layer.type === 'fill' || layer.type === 'line') &&
      [...drawn.partition, ...drawn.ground].includes(drawnFrom(layer)));
  const outline = drawn.zones.map((from) => ({
    id: `${CHOSEN}-${from}`,
    type: 'line',
    source: 'shigu',
    'source-layer': from,
    filter: ['==', ['get', 'fid'], ''],
    layout: { 'line-join': 'round' },
    paint: { 'line-color': palette[theme].chosen, 'line-width': 3 },
  }));
  const shading = drawn.partition
    .map((one) => shade(one, zooms()))
    .map((layer) => ({ ...layer, paint: { ...layer.paint, 'fill-opacity': 1 } }));
  const isGround = (layer: StyleLayer) => layer.type === 'fill' && drawn.partition.includes(drawnFrom(layer));
  const below = insertAfter(base.layers.filter(kept), isGround, shading);
  const own = areas(theme, []).filter((layer) => layer.id === OWN);
  const labels = over(theme, lang, zooms()).filter((layer) => [LABELS, LEADERS].includes(layer.id));
  return {
    ...base,
    sources: { ...base.sources, ...pageSources() },
    layers: [...below, ...outline, ...own, ...labels],
  } as unknown as GlStyle;
}

/** A pair of maps in two elements; null without WebGL. */
export class Pair {
  #maps: [GlMap, GlMap];
  #sides: [Side, Side] | null = null;
  #ready = [false, false];
  #busy = false;
  /** How many of the two have drawn all they asked for. */
  idle = $state(0);

  private constructor(maps: [GlMap, GlMap]) {
    this.#maps = maps;
    const idle = [false, false];
    maps.forEach((map, i) => {
      map.touchZoomRotate.disableRotation();
      map.keyboard.disableRotation();
      map.on('move', () => this.#follow(i));
      map.on('moveend', () => this.#label(i));
      map.on('style.load', () => {
        this.#ready[i] = map.getLayer(LABELS) !== undefined;
        this.#paint(i);
      });
      const said = (value: boolean) => () => {
        idle[i] = value && this.#ready[i]!;
        this.idle = idle.filter(Boolean).length;
      };
      map.on('idle', said(true));
      map.on('dataloading', said(false));
    });
  }

  static in(elements: [HTMLElement, HTMLElement], label: (i: number) => string): Pair | null {
    try {
      const build = (container: HTMLElement, i: number) =>
        new GlMap({
          container,
          style: { version: 8, sources: {}, layers: [] },
          center: [0, 0],
          zoom: 0,
          maxZoom: 16,
          maxPitch: 0,
          dragRotate: false,
          touchPitch: false,
          rollEnabled: false,
          attributionControl: false,
          localIdeographFontFamily: FONT,
          locale: { 'Map.Title': label(i) },
        });
      const first = build(elements[0], 0);
      return new Pair([first, build(elements[1], 1)]);
    } catch {
      return null;
    }
  }

  style(style: GlStyle): void {
    this.#ready = [false, false];
    this.#maps.forEach((map) => map.setStyle(style, { diff: false }));
  }

  /** Shows two sides; looks at them anew when other boxes come, in one zoom in which each has room. */
  show(sides: [Side, Side]): void {
    const moved = !this.#sides || sides.some((side, i) => side.box.join() !== this.#sides![i]!.box.join());
    this.#sides = sides;
    if (moved) this.home();
    [0, 1].forEach((i) => this.#paint(i));
  }

  home(): void {
    const sides = this.#sides;
    if (!sides) return;
    const zoom = Math.min(
      ...this.#maps.map((map, i) =>
        zoomFor(
          sides[i]!.box,
          map.getContainer().clientWidth - 56,
          map.getContainer().clientHeight - 56,
          zooms().nearest - 1,
        ),
      ),
    );
    this.#maps[0].jumpTo({ center: middle(sides[0].box), zoom });
    this.#follow(0);
  }
  zoomBy(step: number): void {
    this.#maps[0].jumpTo({ zoom: Math.round((this.#maps[0].getZoom() + step) * 2) / 2 });
  }

  remove(): void {
    this.#maps.forEach((map) => map.remove());
  }

  /** Moves the other map as this one moved. */
  #follow(i: number): void {
    const sides = this.#sides;
    if (this.#busy || !sides) return;
    this.#busy = true;
    const [lead, other] = i === 0 ? this.#maps : [this.#maps[1], this.#maps[0]];
    const place = (k: number): Place => middle(sides[k]!.box);
    const { lng, lat } = lead.getCenter();
    other.jumpTo({ center: across([lng, lat], place(i), place(1 - i)), zoom: lead.getZoom() });
    this.#busy = false;
  }

  #paint(i: number): void {
    const [map, side] = [this.#maps[i]!, this.#sides?.[i]];
    if (!this.#ready[i] || !side) return;
    const pairs = [...side.colours].flat();
    const colour = pairs.length ? ['match', ['get', 'fid'], ...pairs, NOTHING] : NOTHING;
    const layers = map.getStyle().layers;
    for (const layer of layers)
      if ('source-layer' in layer && layer.id === shadeLayer(layer['source-layer'] ?? ''))
        map.setPaintProperty(layer.id, 'fill-color', colour as never);
    for (const { id } of layers)
      if (id.startsWith(`${CHOSEN}-`)) map.setFilter(id, ['==', ['get', 'fid'], side.zone ?? '']);
    const feature = { type: 'Feature', geometry: toGeoJson(side.outlines), properties: { part: false } };
    (map.getSource(OWN) as GeoJSONSource | undefined)?.setData(feature as never);
    this.#label(i);
  }
  #label(i: number): void {
    const [map, side] = [this.#maps[i]!, this.#sides?.[i]];
    if (!this.#ready[i] || !side) return;
    const placed = placeLabels(side.labels, map.getZoom(), zooms());
    (map.getSource(LABELS) as GeoJSONSource | undefined)?.setData(placed.labels as never);
    (map.getSource(LEADERS) as GeoJSONSource | undefined)?.setData(placed.leaders as never);
  }
}
