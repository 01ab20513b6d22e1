// Keeps the drawn map in step with the View and the data: one effect for each thing that can change.
import type {
  FilterSpecification,
  GeoJSONSource,
  Map as GlMap,
  StyleSpecification as GlStyle,
  VectorTileSource,
} from 'maplibre-gl';
import { untrack } from 'svelte';
import { isSaved } from '../api/shigu';
import type { StyleLayer } from '../api/style';
import { nameOf } from '../i18n';
import {
  areaNow,
  base,
  dataset,
  hidden,
  layout,
  layoutZones,
  hasRegister,
  partition,
  period,
  pickedFrom,
  platforms,
  reading,
  role,
  site,
  zoneOf,
  zonesKnown,
} from '../state/data.svelte';
import { clusterColumn, namesIn, partitionCollections, zoneCollections } from '../state/description';
import { isShown } from '../state/layers.svelte';
import { box, toGeoJson } from '../state/outline';
import { lang, steps, theme, view } from '../state/view.svelte';
import { mapState, core } from './mapState.svelte';
import { ground, groundReady, watchGround, withGround } from './basemap.svelte';
import { circleBox, fit } from './camera';
import { middle as middleOf } from './pair/position';
import { circleRing, countOf, type Label, lineLabels, placeLabels, pointsOf, shadeExpression } from './labels';
import {
  among,
  CIRCLE,
  FAULT,
  HATCH,
  HOT,
  LABELS,
  LEADERS,
  MEASURE,
  middle,
  over,
  OWN,
  pageSources,
  PICKED,
  chosenLayer,
  hatch,
  shade,
  shadeLayer,
  WHOLE,
} from './layers';
import { palette } from './palette';
import { drawTool, suspend, watch } from './drawTool.svelte';
import { behind, settled } from './settled.svelte';
import { shaded as shadedZones, shadedCollections } from './shadedZones.svelte';
import { isDrawn, isKindDrawn, mapStyle } from './servedStyle.svelte';
import {
  drawnFrom,
  faded,
  groupOf,
  insertAfter,
  isCell,
  OPACITIES,
  prepare,
  raise,
  REGISTER,
  registerTiles,
} from './style';
import { watchTiles } from './tiles.svelte';
import { shaded } from './shading.svelte';
import { zooms } from './zooms';

const nothing = { type: 'FeatureCollection', features: [] };
let labels: Label[] = [];
/** Symbols that labels keep clear of: those of the layout always, platforms from the zoom at which they are drawn. */
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
    period: period(),
    cluster: settled.cluster,
    clusterProperty: clusterColumn(dataset.value),
    classes: { ...reading() },
    filter: view.filter,
  }));
  const base = prepare(served, choice);
  const scale = untrack(zooms);
  const mode = untrack(theme);
  const [parts, zones, platformsId] = untrack(() => [
    partitionCollections(dataset.value),
    zoneCollections(dataset.value),
    role('platforms'),
  ]);
  const ofPart = (layer: StyleLayer): boolean => parts.includes(drawnFrom(layer));
  let layers = insertAfter(base.layers, (layer) => layer.type === 'fill' && ofPart(layer), [
    ...untrack(shadedCollections).map((one) => shade(one, scale)),
    ...parts.map(hatch).slice(0, 1),
  ]);
  layers = insertAfter(layers, (layer) => layer.type === 'line' || layer.type === 'fill', middle(mode, zones));
  // names keep clear of the numbers in the circles
  const cell = (part: string) =>
    layers.find((layer) => part in (layer.layout ?? {}) && isCell(layer, choice.register))?.id ?? '';
  const symbols = layers.find((layer) => layer.type === 'symbol' && layer['source-layer'] === platformsId)?.id ?? '';
  layers = raise(layers, cell('text-field'), symbols, { layout: { 'text-padding': 6 } });
  layers = insertAfter(layers, (layer) => layer.id === cell('icon-image'), [among(mode, untrack(lang), scale)]);
  // the page writes the names of these zones itself, with their counts
  layers = [
    ...layers.filter((layer) => layer.type !== 'symbol' || !ofPart(layer)),
    ...over(mode, untrack(lang), scale),
  ];
  return { ...base, sources: { ...base.sources, ...pageSources() }, layers } as unknown as GlStyle;
}

/** What each source was given last. */
const given = new WeakMap<GeoJSONSource, string>();
/** The same data again would draw the map again. */
function put(map: GlMap, id: string, data: unknown): void {
  const source = map.getSource(id) as GeoJSONSource | undefined;
  const text = JSON.stringify(data);
  if (!source || given.get(source) === text) return;
  given.set(source, text);
  source.setData(data as never);
}

/** The same filter again would draw the map again, too. */
function filter(map: GlMap, layer: string, condition: FilterSpecification): void {
  if (JSON.stringify(map.getFilter(layer)) !== JSON.stringify(condition)) map.setFilter(layer, condition);
}

/** More names than this are placed for what is in sight only, the largest zones first. */
const MOST_LABELS = 60;
/** The labels to place: all, or where they are many those in sight. */
function inSight(map: GlMap): Label[] {
  if (labels.length <= MOST_LABELS) return labels;
  const seen = map.getBounds();
  return labels.filter((one) => seen.contains([one.at[0], one.at[1]])).slice(0, MOST_LABELS);
}

/** Places the labels anew once the zoom has changed by `step`, or, where they are many, once the map rests elsewhere. */
export function label(map: GlMap, step = 0, rested = false): void {
  if (Math.abs(map.getZoom() - labelledAt) < step && !(rested && labels.length > MOST_LABELS)) return;
  labelledAt = map.getZoom();
  const scale = untrack(zooms);
  const far = labelledAt < PLATFORMS_FROM + scale.shift;
  const placed = placeLabels(inSight(map), labelledAt, scale, far ? nodes : [...nodes, ...points]);
  put(map, LABELS, placed.labels);
  put(map, LEADERS, placed.leaders);
}

/** Whether an area would cover a base map wholly. */
function covering(layer: StyleLayer): boolean {
  const from = drawnFrom(layer);
  const base = dataset.value?.collections.some((one) => one.id === from && one.role === 'base') ?? false;
  const served = !layer.id.startsWith('page-') && (base || partitionCollections(dataset.value).includes(from));
  return layer.type === 'fill' && (layer.id === shadeLayer(from) || served);
}

/** The style of the theme and language. */
function dress(map: GlMap): void {
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
    const put = () =>
      wanted &&
      map.setStyle(withGround(next, lost ? null : lower, untrack(theme), untrack(lang), covering), { diff: false });
    if (lower && !lost && lower.kind !== 'tiles') void groundReady().then(put);
    else put();
    return () => void (wanted = false);
  });
}

/** The picked feature; a row has a dot of its own, at any zoom. */
function pickedFeature(): object | null {
  const [feature, from] = [settled.picked, pickedFrom()];
  // zones are outlined by their own layers
  const marked = feature?.geometry && (feature.geometry.type === 'Point' || from === dataset.value?.register);
  if (!marked) return null;
  const data = dataset.value;
  const code = feature.properties[clusterColumn(data)];
  const cluster = data?.clusters.find((one) => one.code === code);
  const own = theme() === 'dark' ? cluster?.color_dark : cluster?.color;
  const dot = from === data?.register || from === role('lead');
  return {
    type: 'Feature',
    geometry: feature.geometry,
    properties: dot ? { colour: own ?? palette[theme()].none } : {},
  };
}

/** What lies on the style: shading, labels, filter, switches, selection. */
function fill(map: GlMap): void {
  $effect(() => {
    // idle again once what follows is drawn
    if (!mapState.ready || behind()) return;
    mapState.idle = false;
    map.triggerRepaint();
  });
  $effect(() => {
    if (!mapState.ready) return;
    const districts = partition.value?.zones ?? [];
    const rows = [...shadedZones().zones].sort((a, b) => countOf(b, settled.cluster) - countOf(a, settled.cluster));
    const { colours, said } = shaded();
    const collections = new Set(rows.map((row) => row.collection));
    for (const one of shadedCollections()) {
      const layer = shadeLayer(one);
      if (!map.getLayer(layer)) continue;
      const on = collections.has(one);
      if (on) map.setPaintProperty(layer, 'fill-color', shadeExpression(colours) as never);
      map.setLayoutProperty(layer, 'visibility', on ? 'visible' : 'none');
    }
    if (map.getLayer(HATCH))
      filter(
        map,
        HATCH,
        hidden() ? ['!', ['in', ['get', 'fid'], ['literal', districts.map((row) => row.id)]]] : ['boolean', false],
      );
    const [layoutId, platformsId] = [role('layout') ?? '', role('platforms') ?? ''];
    const say = (properties: Record<string, unknown>) => nameOf(namesIn(dataset.value, layoutId, properties));
    labels = [
      ...rows
        .filter((row) => row.label_point)
        .map((row) => {
          return {
            at: row.label_point as [number, number],
            name: nameOf(row),
            said: (hasRegister() && said.get(row.id)) || '',
            properties: { fid: row.id },
          };
        }),
      ...lineLabels(layout.value?.features ?? [], say, (kind) => isKindDrawn(layoutId, kind)),
    ];
    nodes = pointsOf(
      (layout.value?.features ?? []).filter((one) => isKindDrawn(layoutId, String(one.properties.kind))),
    );
    points = isDrawn(platformsId) ? pointsOf(platforms.value?.features ?? []) : [];
    untrack(() => label(map));
  });
  $effect(() => {
    if (!mapState.ready) return;
    const choice = {
      register: dataset.value?.register ?? null,
      period: period(),
      cluster: settled.cluster,
      clusterProperty: clusterColumn(dataset.value),
      classes: { ...reading() },
      filter: view.filter,
    };
    (map.getSource(REGISTER) as VectorTileSource | undefined)?.setTiles(registerTiles(choice));
  });
  $effect(() => {
    if (!mapState.ready) return;
    for (const layer of mapStyle.value?.layers ?? []) {
      const group = groupOf(layer);
      if (group && map.getLayer(layer.id))
        map.setLayoutProperty(layer.id, 'visibility', isShown(group) ? 'visible' : 'none');
    }
  });
  $effect(() => {
    if (!mapState.ready) return;
    const shares = view.opacity;
    for (const layer of mapStyle.value?.layers ?? []) {
      const group = groupOf(layer);
      const share = group ? (shares[group] ?? 100) / 100 : 1;
      if (!group || !map.getLayer(layer.id) || (share === 1 && !dimmed.has(layer.id))) continue;
      dimmed.add(layer.id);
      for (const name of OPACITIES[layer.type] ?? [])
        map.setPaintProperty(layer.id, name as never, faded(layer.paint?.[name], share) as never);
    }
  });
  $effect(() => {
    if (!mapState.ready) return;
    for (const id of zoneCollections(dataset.value).map(chosenLayer))
      for (const one of [id, `${id}-fill`])
        if (map.getLayer(one))
          filter(map, one, ['==', ['get', 'fid'], view.combine.length ? '' : (settled.zone ?? '')]);
    put(map, PICKED, pickedFeature() ?? nothing);
  });
  $effect(() => {
    if (!mapState.ready) return;
    put(
      map,
      CIRCLE,
      view.circle && drawTool.tool !== 'edit' ? circleRing(view.circle.center, view.circle.radius_m) : nothing,
    );
  });
  $effect(() => {
    if (!mapState.ready) return;
    const feature = (outline: NonNullable<typeof view.drawn>, part: boolean): object => ({
      type: 'Feature',
      geometry: toGeoJson(outline),
      properties: { part },
    });
    const mine = view.drawn && drawTool.tool !== 'edit' ? [feature(view.drawn, view.combine.length > 0)] : [];
    const line = view.buffer?.line;
    if (line && drawTool.tool !== 'edit')
      mine.push({ type: 'Feature', geometry: { type: 'LineString', coordinates: line }, properties: { part: true } });
    const parts = view.combine.flatMap((step) => (step.outline ? [feature(step.outline, true)] : []));
    put(map, OWN, { type: 'FeatureCollection', features: [...mine, ...parts] });
  });
  $effect(() => {
    if (!mapState.ready) return;
    put(map, WHOLE, ((view.combine.length || view.buffer || isSaved(view.zone)) && areaNow()?.outline) || nothing);
  });
  $effect(() => {
    if (!mapState.ready) return;
    const at = base.problem?.position;
    put(map, FAULT, at ? { type: 'Point', coordinates: at } : nothing);
  });
  $effect(() => {
    if (!mapState.ready) return;
    const points = (mapState.measured ?? []).map((at) => [...at]);
    const feature = (geometry: object) => ({ type: 'Feature', geometry, properties: {} });
    put(map, MEASURE, {
      type: 'FeatureCollection',
      features: [
        ...(points.length > 1 ? [feature({ type: 'LineString', coordinates: points })] : []),
        ...points.map((at) => feature({ type: 'Point', coordinates: at })),
      ],
    });
  });
  $effect(() => {
    if (!mapState.ready) return;
    put(map, HOT, mapState.hot ? { type: 'Point', coordinates: [...mapState.hot] } : nothing);
  });
}

const drawer = () => mapState.covered;
/** Where the map looks: the layout at first, then what is chosen, then where the reader went back to. */
function look(map: GlMap): void {
  let first = view.camera === null;
  let shown = view.zone;
  let opened = false;
  /** What is looked at first, once more for a drawer that comes after it. */
  let opening: (() => void) | null = null;
  map.on('movestart', (event) => {
    if (event.originalEvent) opening = null;
  });
  $effect(() => {
    const { least, whole } = zooms();
    const bounds = dataset.value?.bounds;
    if (!dataset.value) return;
    if (!opened && first && bounds) map.jumpTo({ center: middleOf(bounds), zoom: whole });
    opened = true;
    map.setMinZoom(least);
  });
  $effect(() => {
    const zone = zoneOf(settled.zone);
    const start = core();
    if (!dataset.value) return;
    if (first && (view.circle || view.buffer || view.drawn)) {
      first = false;
      const drawn = untrack(() => view.drawn);
      if (drawn) fit(map, box(drawn), drawer, { animate: false });
    }
    const known = zone || !settled.zone || zonesKnown();
    // the zones along the layout say where to look first
    if (first && (layoutZones().length > 0 || zonesKnown()) && known) {
      first = false;
      const box = zone?.bbox ?? start ?? dataset.value.bounds;
      const how = { animate: false, manner: !zone && start ? 'middle' : 'beside' } as const;
      if (box) fit(map, box, drawer, how);
      if (box && !untrack(drawer)) opening = () => fit(map, box, drawer, how);
      shown = settled.zone;
    } else if (settled.zone !== shown && (zone || !settled.zone)) {
      shown = settled.zone;
      opening = null;
      if (zone?.bbox) fit(map, zone.bbox, drawer);
    }
  });
  let covered = 0;
  $effect(() => {
    const grown = mapState.covered > covered;
    covered = mapState.covered;
    const box = untrack(() => zoneOf(view.zone)?.bbox);
    if (!grown) return;
    if (opening) opening();
    else if (box && untrack(() => !first)) fit(map, box, drawer);
    opening = null;
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
    if (circle && untrack(() => drawTool.tool === null && !view.combine.length)) fit(map, circleBox(circle), drawer);
  });
}

/** An area that the server works out is brought into view once it is known, unless the reader came by a link that says where to look: what areas make together, a buffer, what is kept under a name. */
function lookAtWhole(map: GlMap): void {
  const key = () =>
    view.combine.length || view.buffer || isSaved(view.zone)
      ? JSON.stringify([view.zone, view.combine, view.buffer])
      : '';
  let seen = view.camera ? key() : '';
  $effect(() => {
    const [wanted, made] = [key(), areaNow()];
    if (wanted === seen || (wanted && !made)) return;
    seen = wanted;
    if (wanted && made?.bbox && untrack(() => drawTool.tool === null)) fit(map, made.bbox, drawer);
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
