// The address bar is the state: this file turns a View into a URL and back, and nothing else.
import { lengthOf, type Period, periodOf } from '../api/period';
import { decode, encode, type Outline, type Position } from './outline';

export const MODES = ['browse', 'query', 'compare', 'ranking', 'sites', 'progress', 'data', 'accounts'] as const;
export type Mode = (typeof MODES)[number];
export type Theme = 'light' | 'dark';
export type Lang = 'zh' | 'en';
export interface Circle {
  center: [number, number];
  radius_m: number;
}
/** All that lies within some metres of a feature, as `collection:id`, or of a line of the reader's own; one of the two. */
export interface Buffer {
  item: string | null;
  line: Position[] | null;
  distance_m: number;
}
/** Metres that the server takes. */
export const MOST_DISTANCE = 500_000;
/** What is done to the area next, with a zone or an outline. */
export const OPS = ['union', 'intersection', 'difference'] as const;
export type Op = (typeof OPS)[number];
export interface Step {
  op: Op;
  zone: string | null;
  outline: Outline | null;
}
/** An area of the reader's own under a name, kept to be compared. */
export interface NamedArea {
  name: string;
  /** One of the two. */
  circle: Circle | null;
  outline: Outline | null;
}
export const MOST_NAME = 40;
/** The server takes no more. */
export const MOST_STEPS = 16;
/** Characters of a filter that fit every address it goes into, whatever they are. */
export const MOST_FILTER = 800;
export interface Camera {
  zoom: number;
  lat: number;
  lon: number;
}
export interface View {
  /** What the reader is about: looking around, asking, comparing, bringing data. */
  mode: Mode;
  /** The file on its way in that is looked at. */
  import: string | null;
  /** Which table the numbers are made of; null is the main one. */
  table: string | null;
  /** Which area the numbers are about; null is the whole city. */
  zone: string | null;
  /** A picked feature that is no zone, as `collection:id`. */
  item: string | null;
  circle: Circle | null;
  buffer: Buffer | null;
  /** An outline of the reader's own. */
  drawn: Outline | null;
  /** What is done to the area, in this order. */
  combine: readonly Step[];
  /** Conditions as CQL2 text. */
  filter: string | null;
  /** The figure whose rows are listed. */
  list: string | null;
  /** What the rows are ordered by, as `sortby` has it. */
  sort: string | null;
  cluster: string | null;
  /** Level at which classes are read; null is the dataset's own. */
  classLevel: string | null;
  /** The class whose parts are looked at; null is all classes. */
  classParent: string | null;
  /** Version by which classes are read; null for the register's own codes. */
  classVersion: string | null;
  /** null means the latest period of each figure. */
  period: Period | null;
  /** Layer groups that are shown; null means: those that the dataset shows at first. */
  layers: ReadonlySet<string> | null;
  /** Percent, of the layer groups that are not drawn in full. */
  opacity: Readonly<Record<string, number>>;
  /** null means: as remembered on this computer, else as the system has it. */
  theme: Theme | null;
  lang: Lang | null;
  camera: Camera | null;
  /** Zones side by side; null leaves the choice to the page. */
  zones: readonly string[] | null;
  /** Areas of the reader's own that can stand among them. */
  areas: readonly NamedArea[];
  /** The kind of zones that are ranked; null is that which divides the whole. */
  kind: string | null;
  /** Whether the two maps of a comparison lie on one another. */
  swipe: boolean;
  /** The period that is set against `period`, zone by zone. */
  against: Period | null;
  /** What clusters and maps are measured by when zones are compared: `count` or a metric. */
  by: string;
  /** What zones are coloured by, as the service's parameter has it; null for counts. */
  choropleth: string | null;
  /** What is looked for on the map, with its parameters; null for nothing. */
  hot: string | null;
  /** The version whose changes are on the map; null for none. */
  changes: number | null;
  /** A trial zone: what it was at its beginning and what is assumed, as JSON; null for none. */
  trial: string | null;
  /** What is looked for among sites, as JSON; null for nothing yet. */
  sites: string | null;
  /** Only map, title and legend, to stand in a frame of another page. */
  embed: boolean;
  /** Pictures drawn by the server instead of the live map. */
  plain: boolean;
  /** The saved view that is open. */
  saved: string | null;
  /** What a link that was passed on showed when it was made: `v12`, or the beginning of a revision. */
  data: string | null;
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
const onEarth = (lon: number, lat: number): boolean => Math.abs(lon) <= 180 && Math.abs(lat) <= 85;

/** A step as `u:330110`, or with an outline of its own as `d:!…`. */
const step = (text: string): Step | null => {
  const op = OPS.find((one) => text[0] === one[0] && text[1] === ':');
  const what = text.slice(2);
  const outline = what.startsWith('!') ? decode(what.slice(1)) : null;
  const zone = outline ? null : word(what);
  return op && (zone || outline) ? { op, zone, outline } : null;
};
const said = (one: Step): string => `${one.op[0]}:${one.outline ? `!${encode(one.outline)}` : one.zone}`;
const steps = (text: string | null): Step[] => {
  const all = (text ?? '').split(',').filter(Boolean).map(step);
  return all.length <= MOST_STEPS && all.every((one) => one !== null) ? (all as Step[]) : [];
};
const circleIn = (text: string | null): Circle | null => {
  const circle = numbers(text, 3);
  return circle && onEarth(circle[0]!, circle[1]!) && circle[2]! > 0 && circle[2]! <= 50_000
    ? { center: [circle[0]!, circle[1]!], radius_m: circle[2]! }
    : null;
};
const saidCircle = ({ center, radius_m }: Circle): string => [...center.map((n) => n.toFixed(5)), radius_m].join('/');
/** A buffer as `collection:id/metres`, or with a line as `!…/metres`. */
const bufferIn = (text: string | null): Buffer | null => {
  const [, what = '', far] = /^(.+)\/([\d.]+)$/.exec(text ?? '') ?? [];
  const line = what.startsWith('!') ? (decode(what.slice(1), 2)?.[0]?.[0] ?? null) : null;
  const item = line || !what.includes(':') ? null : word(what);
  const distance_m = Number(far);
  return (line || item) && distance_m >= 1 && distance_m <= MOST_DISTANCE ? { item, line, distance_m } : null;
};
const saidBuffer = ({ item, line, distance_m }: Buffer): string =>
  `${line ? `!${encode([[line]])}` : item}/${distance_m}`;
/** An area as `name:!…`, or `name:lon/lat/metres` where it is a circle. */
const named = (text: string): NamedArea | null => {
  const [name = '', what = ''] = text.split(':');
  const outline = what.startsWith('!') ? decode(what.slice(1)) : null;
  const circle = outline ? null : circleIn(what);
  try {
    const called = decodeURIComponent(name).trim();
    return called && called.length <= MOST_NAME && (circle || outline) ? { name: called, circle, outline } : null;
  } catch {
    return null;
  }
};
const saidArea = ({ name, circle, outline }: NamedArea): string =>
  `${name.replace(/[%,:]/g, encodeURIComponent)}:${circle ? saidCircle(circle) : `!${encode(outline!)}`}`;
/** An id of a layer group. */
const GROUP = /^[\w-]{1,80}$/;
const opacity = (text: string | null): View['opacity'] =>
  Object.fromEntries(
    (text ?? '').split(',').flatMap((part) => {
      const [group, percent] = part.split(':');
      return GROUP.test(group ?? '') && /^\d{1,2}$/.test(percent ?? '') ? [[group, Number(percent)]] : [];
    }),
  );
/** Longer outlines stand behind the hash: servers take no address of any length, and never see what stands there. */
const LONG = 1500;

export function read(url: URL): View {
  const p = url.searchParams;
  const behind = new URLSearchParams(url.hash.split('/').slice(3).join('/'));
  const either = (key: string): string | null => p.get(key) ?? behind.get(key);
  const drawn = either('drawn');
  const filter = p.get('filter')?.trim();
  const camera = numbers(url.hash.replace(/^#/, '').split('/').slice(0, 3).join('/'), 3);
  const zones = p.get('zones');
  const layers = p.get('layers');
  return {
    mode: oneOf(p.get('mode'), MODES) ?? 'browse',
    import: word(p.get('import')),
    table: word(p.get('table')),
    zone: word(p.get('zone')),
    item: word(p.get('item')),
    circle: circleIn(p.get('circle')),
    buffer: bufferIn(either('buffer')),
    drawn: drawn ? decode(drawn) : null,
    combine: steps(either('combine')),
    filter: filter && filter.length <= MOST_FILTER ? filter : null,
    list: word(p.get('list')),
    sort: /^-?[\w.]{1,80}$/.test(p.get('sort') ?? '') ? p.get('sort') : null,
    cluster: word(p.get('cluster')),
    classLevel: word(p.get('class_level')),
    classParent: word(p.get('class_parent')),
    classVersion: word(p.get('class_version')),
    period: periodOf(p.get('period')) ?? periodOf(p.get('year')),
    layers: layers === null ? null : new Set(layers.split(',').filter((one) => GROUP.test(one))),
    opacity: opacity(p.get('opacity')),
    theme: oneOf(p.get('theme'), ['light', 'dark']),
    lang: oneOf(p.get('lang'), ['zh', 'en']),
    camera:
      camera && camera[0]! >= 0 && camera[0]! <= 24 && onEarth(camera[2]!, camera[1]!)
        ? { zoom: camera[0]!, lat: camera[1]!, lon: camera[2]! }
        : null,
    zones: zones === null ? null : [...new Set(zones.split(',').filter((one) => word(one)))].slice(0, MOST_ZONES),
    areas: (either('own') ?? '')
      .split(',')
      .flatMap((one) => named(one) ?? [])
      .slice(0, MOST_ZONES),
    kind: word(p.get('kind')),
    swipe: p.get('swipe') === '1',
    against: periodOf(p.get('against')),
    by: word(p.get('by')) ?? 'count',
    choropleth: /^[\w:,./-]{1,200}$/.test(p.get('choropleth') ?? '') ? p.get('choropleth') : null,
    hot: /^[\w:,.-]{1,120}$/.test(p.get('hot') ?? '') ? p.get('hot') : null,
    changes: /^[1-9]\d{0,8}$/.test(p.get('changes') ?? '') ? Number(p.get('changes')) : null,
    trial: either('trial'),
    sites: either('sites'),
    embed: p.get('embed') === '1',
    plain: p.get('plain') === '1',
    saved: word(p.get('saved')),
    data: /^(v\d{1,9}|[0-9a-f]{8})$/.test(p.get('data') ?? '') ? p.get('data') : null,
  };
}

/** The query and hash of a View; what equals the default is left out, so links stay short. */
export function write(view: View): string {
  const parts: string[] = [];
  const put = (key: string, value: string | number | null) => {
    if (value !== null) parts.push(`${key}=${encodeURIComponent(value).replace(/%2C/g, ',').replace(/%3A/g, ':')}`);
  };
  const outlines = (
    [
      ['buffer', view.buffer && saidBuffer(view.buffer)],
      ['drawn', view.drawn && encode(view.drawn)],
      ['combine', view.combine.map(said).join(',') || null],
      ['own', view.areas.map(saidArea).join(',') || null],
      ['trial', view.trial],
      ['sites', view.sites],
    ] as const
  ).filter(([, text]) => text);
  const far = outlines.reduce((sum, [, text]) => sum + text!.length, 0) > LONG;
  if (view.mode !== 'browse') put('mode', view.mode);
  put('import', view.import);
  put('table', view.table);
  put('zone', view.zone);
  put('item', view.item);
  put('circle', view.circle && [...view.circle.center.map((n) => n.toFixed(5)), view.circle.radius_m].join(','));
  if (!far) outlines.forEach(([key, text]) => put(key, text));
  put('filter', view.filter);
  put('cluster', view.cluster);
  put('class_version', view.classVersion);
  put('class_level', view.classLevel);
  put('class_parent', view.classParent);
  if (view.period) put(lengthOf(view.period) === 'year' ? 'year' : 'period', view.period);
  if (view.layers) put('layers', [...view.layers].join(','));
  if (view.zones) put('zones', view.zones.join(','));
  put('kind', view.kind);
  if (view.swipe) put('swipe', 1);
  put('against', view.against);
  if (view.by !== 'count') put('by', view.by);
  put('choropleth', view.choropleth);
  put('hot', view.hot);
  put('changes', view.changes);
  if (view.embed) put('embed', 1);
  if (view.plain) put('plain', 1);
  put('saved', view.saved);
  put('data', view.data);
  put(
    'opacity',
    Object.entries(view.opacity)
      .map(([group, percent]) => `${group}:${percent}`)
      .join(',') || null,
  );
  put('list', view.list);
  put('sort', view.sort);
  put('theme', view.theme);
  put('lang', view.lang);
  const c = view.camera;
  const hash = c ? `${c.zoom.toFixed(2)}/${c.lat.toFixed(4)}/${c.lon.toFixed(4)}` : far ? '//' : '';
  const behind = far ? `/${outlines.map(([key, text]) => `${key}=${encodeURIComponent(text!)}`).join('&')}` : '';
  return (parts.length ? `?${parts.join('&')}` : '') + (hash ? `#${hash}${behind}` : '');
}
