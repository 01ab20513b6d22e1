// Zones above and below one another: the way down to a zone, what lies in it, and what lies beside it.
import type { ZoneKind, ZoneRow } from '../api/types';

type Row = Pick<ZoneRow, 'id' | 'parent' | 'zone_kind'>;
export interface KindOfZones<Z extends Row = ZoneRow> {
  kind: ZoneKind;
  zones: readonly Z[];
}

/** The zones above a zone, the highest first, and the zone itself. Data where zones are above themselves end the way. */
export function pathTo<Z extends Row>(zones: readonly Z[], id: string | null): Z[] {
  const path: Z[] = [];
  for (let next = id; next !== null && !path.some((one) => one.id === next);) {
    const zone = zones.find((one) => one.id === next);
    if (!zone) break;
    path.unshift(zone);
    next = zone.parent ?? null;
  }
  return path;
}

/** The zones right below a zone, kind by kind; of `null`, those that have none above them. */
export const below = <Z extends Row>(kinds: readonly KindOfZones<Z>[], id: string | null): KindOfZones<Z>[] =>
  kinds
    .map(({ kind, zones }) => ({ kind, zones: zones.filter((one) => (one.parent ?? null) === id) }))
    .filter((one) => one.zones.length > 0);

/** The zones of the same kind below the same zone, and the zone itself; none where it has no zone above it. */
export const beside = <Z extends Row>(zones: readonly Z[], zone: Z): Z[] =>
  zone.parent ? zones.filter((one) => one.parent === zone.parent && one.zone_kind === zone.zone_kind) : [];
