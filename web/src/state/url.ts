// The address bar is the state: this file turns a View into a URL and back, and nothing else.
export const LAYERS = ['axis', 'belt', 'nodes', 'areas', 'districts', 'water', 'lead'] as const;
export type Layer = (typeof LAYERS)[number];
export const MODES = ['browse', 'query', 'compare'] as const;
export type Mode = (typeof MODES)[number];
export type Theme = 'light' | 'dark';
export type Lang = 'zh' | 'en';
export interface Circle {
  center: [number, number];
  radius_m: number;
}
export interface Camera {
  zoom: number;
  lat: number;
  lon: number;
}
export interface View {
  /** What the reader is about: looking around, asking, comparing. */
  mode: Mode;
  /** Which area the numbers are about; null is the whole city. */
  zone: string | null;
  /** A picked feature that is no zone, as `collection:id`. */
  item: string | null;
  circle: Circle | null;
  cluster: string | null;
  /** null means the newest year of the data. */
  year: number | null;
  layers: ReadonlySet<Layer>;
  /** null means: as remembered on this computer, else as the system has it. */
  theme: Theme | null;
  lang: Lang | null;
  camera: Camera | null;
  /** Zones side by side; null leaves the choice to the page. */
  zones: readonly string[] | null;
  /** The year that is set against `year`, zone by zone. */
  against: number | null;
  /** What clusters and maps are measured by when zones are compared: `count` or a metric. */
  by: string;
  /** Only map, title and legend, to stand in a frame of another page. */
  embed: boolean;
  /** Pictures drawn by the server instead of the live map. */
  plain: boolean;
}
/** More columns than anybody can read. */
export const MOST_ZONES = 10;

const oneOf = <T extends string>(value: string | null, all: readonly T[]): T | null =>
  all.includes(value as T) ? (value as T) : null;
const word = (value: string | null): string | null => (value && /^[\w.:-]{1,80}$/.test(value) ? value : null);
const numbers = (value: string | null, count: number): number[] | null => {
  const parts = (value ?? '').split(/[,/]/).map((part) => (part === '' ? NaN : Number(part)));
  return parts.length === count && parts.every(Number.isFinite) ? parts : null;
};
const yearOf = (value: string | null): number | null => {
  const year = Number(value);
  return Number.isInteger(year) && year > 1900 && year < 2200 ? year : null;
};
const onEarth = (lon: number, lat: number): boolean => Math.abs(lon) <= 180 && Math.abs(lat) <= 85;

export function read(url: URL): View {
  const p = url.searchParams;
  const circle = numbers(p.get('circle'), 3);
  const camera = numbers(url.hash.replace(/^#/, ''), 3);
  const zones = p.get('zones');
  const layers = p.get('layers');
  return {
    mode: oneOf(p.get('mode'), MODES) ?? 'browse',
    zone: word(p.get('zone')),
    item: word(p.get('item')),
    circle:
      circle && onEarth(circle[0]!, circle[1]!) && circle[2]! > 0 && circle[2]! <= 50_000
        ? { center: [circle[0]!, circle[1]!], radius_m: circle[2]! }
        : null,
    cluster: word(p.get('cluster')),
    year: yearOf(p.get('year')),
    layers: new Set(layers === null ? LAYERS : LAYERS.filter((layer) => layers.split(',').includes(layer))),
    theme: oneOf(p.get('theme'), ['light', 'dark']),
    lang: oneOf(p.get('lang'), ['zh', 'en']),
    camera:
      camera && camera[0]! >= 0 && camera[0]! <= 24 && onEarth(camera[2]!, camera[1]!)
        ? { zoom: camera[0]!, lat: camera[1]!, lon: camera[2]! }
        : null,
    zones: zones === null ? null : [...new Set(zones.split(',').filter((one) => word(one)))].slice(0, MOST_ZONES),
    against: yearOf(p.get('against')),
    by: word(p.get('by')) ?? 'count',
    embed: p.get('embed') === '1',
    plain: p.get('plain') === '1',
  };
}

/** The query and hash of a View; what equals the default is left out, so links stay short. */
export function write(view: View): string {
  const parts: string[] = [];
  const put = (key: string, value: string | number | null) => {
    if (value !== null) parts.push(`${key}=${encodeURIComponent(value).replace(/%2C/g, ',').replace(/%3A/g, ':')}`);
  };
  if (view.mode !== 'browse') put('mode', view.mode);
  put('zone', view.zone);
  put('item', view.item);
  put('circle', view.circle && [...view.circle.center.map((n) => n.toFixed(5)), view.circle.radius_m].join(','));
  put('cluster', view.cluster);
  put('year', view.year);
  if (view.layers.size !== LAYERS.length) put('layers', LAYERS.filter((layer) => view.layers.has(layer)).join(','));
  if (view.zones) put('zones', view.zones.join(','));
  put('against', view.against);
  if (view.by !== 'count') put('by', view.by);
  if (view.embed) put('embed', 1);
  if (view.plain) put('plain', 1);
  put('theme', view.theme);
  put('lang', view.lang);
  const c = view.camera;
  return (parts.length ? `?${parts.join('&')}` : '') + (c ? `#${c.zoom.toFixed(2)}/${c.lat.toFixed(4)}/${c.lon.toFixed(4)}` : '');
}
