// Keeps the drawn map in step with the View and the data: one effect for each thing that can change.
import type { GeoJSONSource, Map as GlMap, StyleSpecification as GlStyle, VectorTileSource } from 'maplibre-gl';
import { untrack } from 'svelte';
import * as api from '../api/shigu';
import type { StyleSpecification } from '../api/style';
import { number } from '../i18n/format';
import { nameOf, t } from '../i18n';
import {
  base,
  corridors,
  dataset,
  districts,
  layout,
  picked,
  platforms,
  platformZones,
  site,
  year,
  zoneOf,
} from '../state/data.svelte';
import { Resource } from '../state/resource.svelte';
import { box, toGeoJson } from '../state/outline';
import type { Layer } from '../state/url';
import { lang, steps, theme, view } from '../state/view.svelte';
import { mapState, clusterColour, core, shades } from './mapState.svelte';
import { ground, groundReady, watchGround, withGround } from './basemap.svelte';
import { circleBox, fit } from './camera';
import { circleRing, countOf, type Label, lineLabels, placeLabels, pointsOf, shadeExpression } from './labels';
import {
  among,
  CIRCLE,
  FAULT,
  HOT,
  LABELS,
  LEADERS,
  middle,
  over,
  OWN,
  pageSources,
  PICKED,
  selection,
  SHADE,
  under,
  WHOLE,
} from './layers';
import { inkOn, palette } from './palette';
import { drawTool, suspend, watch } from './drawTool.svelte';
import { faded, insertAfter, OPACITIES, prepare, raise, REGISTER, registerTiles, switchOf } from './style';
import { watchTiles } from './tiles.svelte';

export const mapStyle = new Resource<StyleSpecification>();
const nothing = { type: 'FeatureCollection', features: [] };
let labels: Label[] = [];
/** Symbols that labels keep clear of: nodes always, other platforms from the zoom at which they are drawn. */
let nodes: [number, number][] = [];
let points: [number, number][] = [];
const PLATFORMS_FROM = 9.5;
let labelledAt = NaN;
/** Layers of the style that are not as it has them. */
let dimmed = new Set<string>();

function style(): GlStyle | null {
  const served = mapStyle.value;
  if (!served) return null;
  const choice = untrack(() => ({
    register: dataset.value?.register ?? null,
    year: year(),
    cluster: view.cluster,
    filter: view.filter,
  }));
  const base = prepare(served, choice);
  const mode = untrack(theme);
  let layers = insertAfter(base.layers, (layer) => layer.id === 'districts-fill', under());
  layers = insertAfter(layers, (layer) => layer.type === 'line' || layer.type === 'fill', middle(mode));
  // names keep clear of the numbers in the circles
  layers = raise(layers, 'register-cell-count', 'platforms', { layout: { 'text-padding': 6 } });
  layers = insertAfter(layers, (layer) => layer.id === 'register-cell', [among(mode, untrack(lang))]);
  layers = [...layers.filter((layer) => layer.id !== 'districts-label'), ...over(mode, untrack(lang))];
  return { ...base, sources: { ...base.sources, ...pageSources() }, layers } as unknown as GlStyle;
}

const put = (map: GlMap, source: string, data: unknown): void =>
  void (map.getSource(source) as GeoJSONSource | undefined)?.setData(data as never);

/** Places the labels anew once the zoom has changed by `step`. */
export function label(map: GlMap, step = 0): void {
  if (Math.abs(map.getZoom() - labelledAt) < step) return;
  labelledAt = map.getZoom();
  const placed = placeLabels(labels, labelledAt, labelledAt < PLATFORMS_FROM ? nodes : [...nodes, ...points]);
  put(map, LABELS, placed.labels);
  put(map, LEADERS, placed.leaders);
}

/** Fetches the style of the theme and language, again when these or the data change. */
export function wantStyle(): void {
  const [mode, tongue] = [theme(), lang()];
  if (!dataset.value) return;
  const key = `${dataset.value.revision} ${mode} ${tongue}`;
  untrack(() => mapStyle.load(key, (signal) => api.style(mode, tongue, signal)));
}

/** The style of the theme and language. */
function dress(map: GlMap): void {
  $effect(wantStyle);
  $effect(() => {
    const next = style();
    const lower = site.value?.basemap;
    // read here, so that a lost base map and a new try dress the map again
    const lost = ground.failed;
    if (!next || (!site.value && !site.problem)) return;
    mapState.ready = false;
    suspend();
    dimmed = new Set();
    let wanted = true;
    const put = () => wanted && map.setStyle(withGround(next, lost ? null : lower, untrack(theme)), { diff: false });
    if (lower && !lost && lower.kind !== 'tiles') void groundReady().then(put);
    else put();
    return () => void (wanted = false);
  });
}

/** Cells hold several clusters and are grey, unless one is isolated: then all in them is of that colour. */
function tint(map: GlMap): void {
  const isolated = clusterColour();
  const colour = isolated ?? palette[theme()].soft;
  if (map.getLayer('register-cell')) map.setPaintProperty('register-cell', 'circle-color', colour);
  if (map.getLayer('register-cell-count'))
    map.setPaintProperty('register-cell-count', 'text-color', isolated ? inkOn(isolated) : palette[theme()].halo);
}

/** What lies on the style: shading, labels, filter, switches, selection. */
function fill(map: GlMap): void {
  $effect(() => {
    if (!mapState.ready) return;
    const rows = districts.value?.zones ?? [];
    map.setPaintProperty(SHADE, 'fill-color', shadeExpression(rows, view.cluster, shades()) as never);
    const say = (kind: string) => t(kind === 'axis' ? 'map.axis' : 'map.belt');
    labels = [
      ...rows
        .filter((row) => row.label_point)
        .map((row) => {
          const said = t('map.count', { n: number(countOf(row, view.cluster)) });
          return { at: row.label_point as [number, number], name: nameOf(row), said, properties: { fid: row.id } };
        }),
      ...lineLabels(layout.value?.features ?? [], say, (kind) => view.layers.has(kind as Layer)),
    ];
    const shown = view.layers.has('nodes');
    nodes = shown ? pointsOf(layout.value?.features ?? []) : [];
    points = shown ? pointsOf(platforms.value?.features ?? []) : [];
    untrack(() => label(map));
  });
  $effect(() => {
    if (!mapState.ready) return;
    const choice = {
      register: dataset.value?.register ?? null,
      year: year(),
      cluster: view.cluster,
      filter: view.filter,
    };
    (map.getSource(REGISTER) as VectorTileSource | undefined)?.setTiles(registerTiles(choice));
    tint(map);
  });
  $effect(() => {
    if (!mapState.ready) return;
    for (const layer of map.getStyle().layers as never as { id: string; 'source-layer'?: string; type: string }[]) {
      const obeys = layer.id.startsWith('page-') ? null : switchOf(layer);
      if (obeys) map.setLayoutProperty(layer.id, 'visibility', view.layers.has(obeys) ? 'visible' : 'none');
    }
  });
  $effect(() => {
    if (!mapState.ready) return;
    const shares = view.opacity;
    for (const layer of mapStyle.value?.layers ?? []) {
      const obeys = switchOf(layer);
      const share = obeys ? (shares[obeys] ?? 100) / 100 : 1;
      if (!obeys || !map.getLayer(layer.id) || (share === 1 && !dimmed.has(layer.id))) continue;
      dimmed.add(layer.id);
      for (const name of OPACITIES[layer.type] ?? [])
        map.setPaintProperty(layer.id, name as never, faded(layer.paint?.[name], share) as never);
    }
  });
  $effect(() => {
    if (!mapState.ready) return;
    for (const id of selection)
      for (const one of [id, `${id}-fill`])
        map.setFilter(one, ['==', ['get', 'fid'], view.combine.length ? '' : (view.zone ?? '')]);
    const at = picked.value?.geometry;
    put(map, PICKED, at?.type === 'Point' ? at : nothing);
    put(
      map,
      CIRCLE,
      view.circle && drawTool.tool !== 'edit' ? circleRing(view.circle.center, view.circle.radius_m) : nothing,
    );
  });
  $effect(() => {
    if (!mapState.ready) return;
    const feature = (outline: NonNullable<typeof view.drawn>, part: boolean) => ({
      type: 'Feature',
      geometry: toGeoJson(outline),
      properties: { part },
    });
    const mine = view.drawn && drawTool.tool !== 'edit' ? [feature(view.drawn, view.combine.length > 0)] : [];
    const parts = view.combine.flatMap((step) => (step.outline ? [feature(step.outline, true)] : []));
    put(map, OWN, { type: 'FeatureCollection', features: [...mine, ...parts] });
  });
  $effect(() => {
    if (!mapState.ready) return;
    put(map, WHOLE, (view.combine.length && base.value?.zone.outline) || nothing);
  });
  $effect(() => {
    if (!mapState.ready) return;
    const at = base.problem?.position;
    put(map, FAULT, at ? { type: 'Point', coordinates: at } : nothing);
  });
  $effect(() => {
    if (!mapState.ready) return;
    put(map, HOT, mapState.hot ? { type: 'Point', coordinates: [...mapState.hot] } : nothing);
  });
}

/** Where the map looks: the layout at first, then what is chosen, then where the reader went back to. */
function look(map: GlMap): void {
  let first = view.camera === null;
  let shown = view.zone;
  $effect(() => {
    const zone = zoneOf(view.zone);
    const start = core();
    if (!dataset.value) return;
    if (first && (view.circle || view.drawn)) {
      first = false;
      const drawn = untrack(() => view.drawn);
      if (drawn && !untrack(() => view.camera))
        fit(
          map,
          box(drawn),
          untrack(() => mapState.covered),
          { animate: false },
        );
    }
    const known = zone || !view.zone || (districts.value && platformZones.value);
    if (first && (corridors.value || corridors.problem) && known) {
      first = false;
      const box = zone?.bbox ?? start ?? dataset.value.bounds;
      if (box)
        fit(
          map,
          box,
          untrack(() => mapState.covered),
          { animate: false, manner: !zone && start ? 'middle' : 'beside' },
        );
      shown = view.zone;
    } else if (view.zone !== shown && (zone || !view.zone)) {
      shown = view.zone;
      if (zone?.bbox)
        fit(
          map,
          zone.bbox,
          untrack(() => mapState.covered),
        );
    }
  });
  let covered = 0;
  $effect(() => {
    const grown = mapState.covered > covered;
    covered = mapState.covered;
    const box = untrack(() => zoneOf(view.zone)?.bbox);
    if (grown && box && untrack(() => !first)) fit(map, box, covered);
  });
  $effect(() => {
    if (!steps.back) return;
    untrack(() => {
      shown = view.zone;
      if (view.camera) map.jumpTo({ center: [view.camera.lon, view.camera.lat], zoom: view.camera.zoom });
    });
  });
  $effect(() => {
    const circle = view.circle;
    if (circle && untrack(() => drawTool.tool === null && !view.combine.length))
      fit(
        map,
        circleBox(circle),
        untrack(() => mapState.covered),
      );
  });
}

/** What areas make together is brought into view once it is known, unless the reader came by a link that says where to look. */
function lookAtWhole(map: GlMap): void {
  let seen = view.camera ? view.combine : null;
  $effect(() => {
    const { combine } = view;
    const zone = base.value?.zone;
    if (combine === seen || base.loading || (combine.length && zone?.kind !== 'combined')) return;
    seen = combine;
    if (combine.length && zone?.bbox)
      fit(
        map,
        zone.bbox,
        untrack(() => mapState.covered),
      );
  });
}

export function draw(map: GlMap): void {
  watchGround(map);
  watchTiles(map);
  dress(map);
  fill(map);
  look(map);
  lookAtWhole(map);
  watch();
}
