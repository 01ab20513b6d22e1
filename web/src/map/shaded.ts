// Which zones the map shades and names: those below the chosen one, those beside it, else those of the level that the zoom is for.
import type { ZoneKind, ZoneRow } from '../api/types';
import { below, beside, type KindOfZones } from '../state/levels';

type Kind = Pick<ZoneKind, 'id' | 'partition' | 'districts' | 'parent' | 'count'>;
export interface Shaded {
  kind: ZoneKind | null;
  zones: readonly ZoneRow[];
}

/** A zone of a level is at least so wide on the screen, in pixels, where that level is shaded. */
const LEAST_WIDTH = 120;
/** The window that the zoom of the whole is for. */
const WINDOW = Math.sqrt(1024 * 768);

/** The partitions above and below the districts, from the highest to the lowest, with the districts. */
export function levels<K extends Kind>(kinds: readonly K[]): K[] {
  const districts = kinds.find((one) => one.districts);
  if (!districts) return [];
  const line = [districts];
  for (let above = kinds.find((one) => one.id === districts.parent); above && !line.includes(above);) {
    if (above.partition) line.unshift(above);
    above = kinds.find((one) => one.id === above?.parent);
  }
  for (let last: K | undefined = districts; last;) {
    last = kinds.find((one) => one.parent === last?.id && one.partition && !line.includes(one));
    if (last) line.push(last);
  }
  return line;
}

/** The level for a zoom: the lowest whose zones are wide enough, the districts for the whole and each level below for a step nearer. */
export function levelAt<K extends Kind>(kinds: readonly K[], zoom: number, whole: number): K | null {
  const line = levels(kinds);
  const width = (one: Kind) => (WINDOW * 2 ** (zoom - whole)) / Math.sqrt(Math.max(1, one.count));
  const first = line.findIndex((one) => one.districts);
  return line.filter((one, i) => i <= first || (width(one) >= LEAST_WIDTH && zoom >= whole + i - first)).at(-1) ?? null;
}

/** What is shaded with a zone chosen; `null` where the level of the zoom is. */
export function around(all: readonly KindOfZones[], zone: ZoneRow | null): Shaded | null {
  if (!zone) return null;
  const children = below(all, zone.id).find((one) => one.kind.partition);
  if (children) return children;
  const kind = all.find((one) => one.kind.id === zone.zone_kind)?.kind;
  if (!kind?.partition) return null;
  const zones = beside(
    all.flatMap((one) => one.zones),
    zone,
  );
  return zones.length > 1 ? { kind, zones } : null;
}

/** The order in which the zones around a click are taken, the least first: seen from afar one that is shaded, else one of the
 * partition; from near the smallest area. */
export const clickOrder = (far: boolean, shaded: boolean, divides: boolean, area: number): number =>
  far && shaded ? -2 : divides ? (far ? -1 : 1e9) : area;
