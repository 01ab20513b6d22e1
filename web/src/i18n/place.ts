// Coordinates as people write them: decimal degrees, degrees with minutes and seconds, with letters or words for the directions.
type Bounds = readonly number[];

const NUMBER = /[-+]?\d+(?:\.\d+)?/g;
const NORTH = /[NS]|[北南]/i;
const EAST = /[EW]|[东西東]/i;

/** One coordinate in degrees with the axis that its letter names; null where it is none. */
function angle(text: string): { degrees: number; axis: 'lon' | 'lat' | null } | null {
  const parts = (text.match(NUMBER) ?? []).map(Number);
  // what is left besides numbers, signs of degrees, letters and words of directions is no coordinate
  const rest = text.replace(NUMBER, '').replace(/[°º度′'’分″"”秒\s:纬緯经經]|[NSEW]|[北南东西東]/giu, '');
  if (!parts.length || parts.length > 3 || rest) return null;
  const [whole, minutes = 0, seconds = 0] = parts as [number, number?, number?];
  if (minutes < 0 || minutes >= 60 || seconds < 0 || seconds >= 60) return null;
  const negative = whole < 0 || /[SW]|[南西]/i.test(text);
  const size = Math.abs(whole) + minutes / 60 + seconds / 3600;
  return {
    degrees: negative ? -size : size,
    axis: NORTH.test(text) ? 'lat' : EAST.test(text) ? 'lon' : null,
  };
}

/** Two pieces of one text, each a coordinate: parted by a comma, by the letter of a direction, or by a blank between two numbers. */
function pieces(text: string): [string, string] | null {
  const byComma = text.split(/[,,;;]/u).map((one) => one.trim());
  if (byComma.length === 2 && byComma[0] && byComma[1]) return [byComma[0], byComma[1]];
  if (byComma.length > 1) return null;
  const before = /^([NSEW]|[北南东西東][纬緯经經])(.*?)((?:[NSEW]|[北南东西東][纬緯经經]).*)$/iu.exec(text);
  if (before) return [before[1]! + before[2]!, before[3]!];
  const after = /^(.*?\d[^\d]*?[NSEW])\s*(\d.*)$/i.exec(text);
  if (after) return [after[1]!, after[2]!];
  const blanks = text.split(/\s+/);
  return blanks.length === 2 ? [blanks[0]!, blanks[1]!] : null;
}

/** A system in which coordinates may be typed; `back` leads from easting and northing, or its degrees, to longitude and latitude. */
export interface Reading {
  metric: boolean;
  northFirst: boolean;
  back: (at: [number, number]) => [number, number];
}
const DEGREES: Reading = { metric: false, northFirst: false, back: (at) => at };

/** Longitude and latitude; null where the text is no place. Without letters the order is the one that lies in `within`, else that of the system. */
export function placeIn(
  text: string,
  within: Bounds | null = null,
  system: Reading = DEGREES,
): [number, number] | null {
  const two = pieces(text.trim());
  const [a, b] = two ? [angle(two[0]), angle(two[1])] : [null, null];
  if (!a || !b || (a.axis && a.axis === b.axis)) return null;
  // numbers that can be no degrees are metres
  const metres = system.metric && Math.max(Math.abs(a.degrees), Math.abs(b.degrees)) > 180;
  const { northFirst, back } = metres || !system.metric ? system : DEGREES;
  const named = a.axis ?? (b.axis && (b.axis === 'lat' ? 'lon' : 'lat'));
  const fits = ([lon, lat]: [number, number]) => Math.abs(lon) <= 180 && Math.abs(lat) <= 90;
  const inside = ([lon, lat]: [number, number]) =>
    within !== null && lon >= within[0]! && lon <= within[2]! && lat >= within[1]! && lat <= within[3]!;
  const lonLat: [number, number] = [a.degrees, b.degrees];
  const latLon: [number, number] = [b.degrees, a.degrees];
  const orders = named ? [named === 'lon' ? lonLat : latLon] : northFirst ? [latLon, lonLat] : [lonLat, latLon];
  const possible = (metres ? orders : orders.filter(fits)).map(back).filter(fits);
  return possible.find(inside) ?? possible[0] ?? null;
}
