// What lies under the pointer, in the order in which a reader means it: points, lines, then areas.
import type { Map as GlMap, MapGeoJSONFeature, PointLike } from 'maplibre-gl';
import { LABELS, NEAR_LABELS } from './layers';
import { project, unproject } from './labelLayout';
import { clickOrder } from './shaded';

export type Target =
  | { what: 'zone'; id: string; layer: string }
  | { what: 'item'; collection: string; id: string; lngLat: [number, number]; properties: Record<string, unknown> }
  | { what: 'cell'; n: number; lngLat: [number, number]; bounds: [number, number, number, number] };

export interface Names {
  register: string | null;
  platforms: string | null;
  lead: string | null;
  layout: string | null;
  /** Collections whose zones divide the whole, and those of all other zones. */
  partition: readonly string[];
  overlays: readonly string[];
  /** The zone that a line of the layout is the middle of. */
  zoneAlong: (line: string) => string | null;
  /** The collection that a zone is of. */
  collectionOf: (zone: string) => string;
  /** From which zoom on rows are drawn. */
  apart: number;
  /** Whether the map shades a zone now. */
  isShaded: (id: string) => boolean;
  /** Zones that answer by id. */
  isZone: (id: string) => boolean;
  areaOf: (id: string) => number;
}

/** All candidates at a point, best first; a second click on the chosen one takes the next. */
export function targets(map: GlMap, point: { x: number; y: number }, names: Names): Target[] {
  const reach = 6;
  const box: [PointLike, PointLike] = [
    [point.x - reach, point.y - reach],
    [point.x + reach, point.y + reach],
  ];
  const points: Target[] = [];
  const lines: Target[] = [];
  const { lng, lat } = map.unproject([point.x, point.y]);
  const row = (hit: MapGeoJSONFeature): Target => ({
    what: 'item',
    collection: hit.sourceLayer!,
    id: String(hit.properties.fid),
    lngLat: [lng, lat],
    properties: hit.properties,
  });
  for (const hit of map.queryRenderedFeatures(box)) {
    const from = hit.sourceLayer ?? '';
    const p = hit.properties;
    if (hit.geometry.type === 'Point' && !from.endsWith('-label')) {
      const lngLat = hit.geometry.coordinates as [number, number];
      if (from === names.register && p.n > 1)
        points.push({ what: 'cell', n: Number(p.n), lngLat, bounds: cellAround(lngLat, Number(p.cz)) });
      else if (from === names.register || from === names.lead)
        points.push({ what: 'item', collection: from, id: String(p.fid), lngLat, properties: p });
      else if (from === names.platforms) points.push(platform(String(p.fid), lngLat, p, names));
      else if (from === names.layout && p.platform && names.platforms)
        points.push(platform(String(p.platform), lngLat, p, names));
      else if ((hit.layer.id === LABELS || hit.layer.id === NEAR_LABELS) && p.fid)
        lines.push({ what: 'zone', id: String(p.fid), layer: names.collectionOf(String(p.fid)) });
    } else if (from === names.register && hit.geometry.type.endsWith('LineString')) lines.push(row(hit));
    else if (from === names.layout && hit.geometry.type.endsWith('LineString')) {
      const zone = names.zoneAlong(String(p.fid));
      if (zone) lines.push({ what: 'zone', id: zone, layer: from });
    }
  }
  const inside = map.queryRenderedFeatures([point.x, point.y]).filter((hit) => hit.geometry.type.endsWith('Polygon'));
  // rows that are areas lie on the zones that hold them
  const parcels = inside.filter((hit) => hit.sourceLayer === names.register).map(row);
  return unique([...points, ...lines, ...parcels, ...areas(inside, map.getZoom(), names)]);
}

function platform(id: string, lngLat: [number, number], properties: Record<string, unknown>, names: Names): Target {
  return names.isZone(id)
    ? { what: 'zone', id, layer: names.collectionOf(id) }
    : { what: 'item', collection: names.platforms!, id, lngLat, properties };
}

/** The zones around a click, the one that it means first. */
function areas(hits: MapGeoJSONFeature[], zoom: number, names: Names): Target[] {
  const zones = hits
    .filter(
      (hit) =>
        [...names.partition, ...names.overlays].includes(hit.sourceLayer ?? '') &&
        names.isZone(String(hit.properties.fid)),
    )
    .map((hit): Target & { what: 'zone' } => ({
      what: 'zone',
      id: String(hit.properties.fid),
      layer: hit.sourceLayer!,
    }));
  const order = (zone: { layer: string; id: string }) =>
    clickOrder(
      zoom < names.apart,
      names.isShaded(zone.id),
      names.partition.includes(zone.layer),
      names.areaOf(zone.id),
    );
  return zones.sort((a, b) => order(a) - order(b));
}

/** The box of the counted cell of a zoom that a place is in, so that its list holds just the enterprises that its number counts. */
export function cellAround(place: readonly [number, number], zoom: number): [number, number, number, number] {
  const side = 512;
  const { x, y } = project(place, zoom);
  const at = (n: number): number => Math.floor(n / side) * side;
  const [west, north] = unproject({ x: at(x), y: at(y) }, zoom);
  const [east, south] = unproject({ x: at(x) + side, y: at(y) + side }, zoom);
  return [west, south, east, north];
}

const key = (target: Target): string =>
  target.what === 'cell' ? `cell ${target.lngLat}` : `${target.what} ${target.id}`;
const unique = (all: Target[]): Target[] =>
  all.filter((one, i) => all.findIndex((other) => key(other) === key(one)) === i);
