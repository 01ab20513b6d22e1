// The layers the page itself adds: shading and labels of zones, line names, selection, hover, the reader's circle.
import type { StyleLayer, StyleSource } from '../api/style';
import type { Lang, Theme } from '../state/url';
import { palette } from './palette';
import type { Zooms } from './zooms';
import { FONTS } from './symbols';

const empty = { type: 'FeatureCollection', features: [] };
export const shadeLayer = (collection: string): string => `page-shade-${collection}`;
/** Zones whose figures the reader may not see. */
export const HATCH = 'page-hatch';
export const LABELS = 'page-labels';
/** The same names among the enterprises. */
export const NEAR_LABELS = 'page-labels-near';
export const LEADERS = 'page-leaders';
export const CIRCLE = 'page-circle';
export const PICKED = 'page-picked';
/** Outlines of the reader's own, and what they make together. */
export const OWN = 'page-own';
export const WHOLE = 'page-whole';
/** Where an outline is wrong. */
export const FAULT = 'page-fault';
/** What is measured: points and the line between them. */
export const MEASURE = 'page-measure';
/** The row that the reader points at in the list. */
export const HOT = 'page-hot';
/** The layer that outlines the chosen zone of a collection. */
export const chosenLayer = (collection: string): string => `page-chosen-${collection}`;

export const pageSources = (): Record<string, StyleSource> =>
  Object.fromEntries(
    [LABELS, LEADERS, CIRCLE, PICKED, OWN, WHOLE, FAULT, HOT, MEASURE].map((id) => [
      id,
      { type: 'geojson', data: empty },
    ]),
  );

/** Shading that fades where rows are drawn instead. */
export const shadeOpacity = (full: number, apart: number): unknown => [
  'interpolate',
  ['linear'],
  ['zoom'],
  apart - 0.5,
  full,
  apart + 0.5,
  0,
];

/** Right over the ground: the shading of zones that divide the whole. */
export const shade = (collection: string, { apart }: Zooms): StyleLayer => ({
  id: shadeLayer(collection),
  type: 'fill',
  source: 'shigu',
  'source-layer': collection,
  paint: {
    'fill-color': 'rgba(0,0,0,0)',
    'fill-antialias': false,
    'fill-opacity': shadeOpacity(1, apart),
  },
});
export const hatch = (collection: string): StyleLayer => ({
  id: HATCH,
  type: 'fill',
  source: 'shigu',
  'source-layer': collection,
  filter: ['boolean', false],
  paint: { 'fill-pattern': 'hatch', 'fill-antialias': false },
});

/** Over the areas, under points and lines' names: hover, chosen zone, circle. */
export function middle(theme: Theme, zones: readonly string[]): StyleLayer[] {
  const c = palette[theme];
  const hovered = ['boolean', ['feature-state', 'hover'], false];
  const areas = ['==', ['geometry-type'], 'Polygon'];
  return [
    ...zones.map((from) => ({
      id: `page-hover-${from}`,
      type: 'line',
      source: 'shigu',
      'source-layer': from,
      filter: areas,
      paint: { 'line-color': c.hover, 'line-width': 1.5, 'line-opacity': ['case', hovered, 0.75, 0] },
    })),
    ...zones.flatMap((from) => [
      {
        id: `${chosenLayer(from)}-fill`,
        type: 'fill',
        source: 'shigu',
        'source-layer': from,
        filter: ['==', ['get', 'fid'], ''],
        paint: { 'fill-color': c.chosen, 'fill-opacity': 0.08, 'fill-antialias': false },
      },
      {
        id: chosenLayer(from),
        type: 'line',
        source: 'shigu',
        'source-layer': from,
        filter: ['==', ['get', 'fid'], ''],
        layout: { 'line-join': 'round' },
        paint: { 'line-color': c.chosen, 'line-width': 2.5 },
      },
    ]),
    {
      id: `${WHOLE}-fill`,
      type: 'fill',
      source: WHOLE,
      paint: { 'fill-color': c.chosen, 'fill-opacity': 0.12, 'fill-antialias': false },
    },
    {
      id: WHOLE,
      type: 'line',
      source: WHOLE,
      layout: { 'line-join': 'round' },
      paint: { 'line-color': c.chosen, 'line-width': 2.5 },
    },
    {
      id: `${OWN}-fill`,
      type: 'fill',
      source: OWN,
      filter: ['==', ['get', 'part'], false],
      paint: { 'fill-color': c.chosen, 'fill-opacity': 0.12, 'fill-antialias': false },
    },
    {
      id: `${OWN}-part`,
      type: 'line',
      source: OWN,
      filter: ['==', ['get', 'part'], true],
      layout: { 'line-join': 'round' },
      paint: { 'line-color': c.chosen, 'line-width': 1.2, 'line-dasharray': [3, 2] },
    },
    {
      id: OWN,
      type: 'line',
      source: OWN,
      filter: ['==', ['get', 'part'], false],
      layout: { 'line-join': 'round' },
      paint: { 'line-color': c.chosen, 'line-width': 2.2 },
    },
    { id: `${CIRCLE}-fill`, type: 'fill', source: CIRCLE, paint: { 'fill-color': c.chosen, 'fill-opacity': 0.1 } },
    {
      id: CIRCLE,
      type: 'line',
      source: CIRCLE,
      paint: { 'line-color': c.chosen, 'line-width': 2, 'line-dasharray': [2, 1.5] },
    },
  ];
}

/** Names among the enterprises, under their numbers, hence placed after them: where there is room. */
export function among(theme: Theme, lang: Lang, zooms: Zooms): StyleLayer {
  const far = over(theme, lang, zooms).find((layer) => layer.id === LABELS)!;
  const { 'text-allow-overlap': _, ...layout } = far.layout!;
  return {
    ...far,
    id: NEAR_LABELS,
    minzoom: zooms.apart,
    maxzoom: undefined,
    layout: {
      ...layout,
      'text-field': ['get', 'name'],
      'text-variable-anchor': ['center', 'bottom', 'top', 'left', 'right', 'bottom-left', 'top-right'],
      'text-radial-offset': 1.1,
      'text-padding': 3,
    },
  };
}

/** On top, hence placed first: zone names with counts, names at the ends of lines (one source: they keep clear of each other). */
export function over(theme: Theme, lang: Lang, { apart, shift }: Zooms): StyleLayer[] {
  const c = palette[theme];
  const point = ['==', ['geometry-type'], 'Point'];
  const text = (colour: unknown) => ({
    'text-color': colour,
    'text-halo-color': c.halo,
    'text-halo-width': 1.8,
    'text-halo-blur': 0.3,
  });
  return [
    {
      id: `${PICKED}-dot`,
      type: 'circle',
      source: PICKED,
      filter: ['all', point, ['has', 'colour']],
      paint: {
        'circle-radius': 6,
        'circle-color': ['get', 'colour'],
        'circle-stroke-color': c.halo,
        'circle-stroke-width': 1.5,
      },
    },
    {
      id: `${PICKED}-outline`,
      type: 'line',
      source: PICKED,
      filter: ['!', point],
      layout: { 'line-join': 'round', 'line-cap': 'round' },
      paint: { 'line-color': c.chosen, 'line-width': 3 },
    },
    {
      id: PICKED,
      type: 'circle',
      source: PICKED,
      filter: point,
      paint: { 'circle-radius': 14, 'circle-opacity': 0, 'circle-stroke-color': c.chosen, 'circle-stroke-width': 2.5 },
    },
    {
      id: MEASURE,
      type: 'line',
      source: MEASURE,
      layout: { 'line-join': 'round' },
      paint: { 'line-color': c.plan, 'line-width': 2.5, 'line-dasharray': [2, 1] },
    },
    {
      id: `${MEASURE}-point`,
      type: 'circle',
      source: MEASURE,
      filter: point,
      paint: { 'circle-radius': 4, 'circle-color': c.halo, 'circle-stroke-color': c.plan, 'circle-stroke-width': 2 },
    },
    {
      id: HOT,
      type: 'circle',
      source: HOT,
      paint: { 'circle-radius': 12, 'circle-opacity': 0, 'circle-stroke-color': c.ink, 'circle-stroke-width': 2.5 },
    },
    {
      id: FAULT,
      type: 'circle',
      source: FAULT,
      paint: { 'circle-radius': 7, 'circle-color': c.fault, 'circle-stroke-color': c.halo, 'circle-stroke-width': 2 },
    },
    {
      id: LEADERS,
      type: 'line',
      source: LEADERS,
      maxzoom: apart + 0.5,
      paint: { 'line-color': c.soft, 'line-width': 1, 'line-opacity': 0.7 },
    },
    {
      id: LABELS,
      type: 'symbol',
      source: LABELS,
      maxzoom: apart,
      layout: {
        'text-field': [
          'case',
          ['==', ['get', 'said'], ''],
          ['get', 'name'],
          ['format', ['get', 'name'], {}, '\n', {}, ['get', 'said'], { 'font-scale': 0.93 }],
        ],
        'text-size': ['interpolate', ['linear'], ['zoom'], 7 + shift, 12, 9 + shift, 13, 11 + shift, 15],
        'text-line-height': 1.2,
        'text-font': FONTS[lang],
        'text-allow-overlap': true,
        'text-padding': 2,
        'text-max-width': 30,
      },
      paint: text(['case', ['has', 'kind'], c.plan, c.ink]),
    },
  ];
}
