// The system in which coordinates are shown and typed; remembered by the browser.
import { ofCode, offered, type SystemInfo } from '../../api/systems';
import { placeIn, type Reading } from '../../i18n/place';
import { say } from '../../i18n/system';
import { dataset } from '../../state/data.svelte';
import type { Position } from '../../state/outline';
import { forward, fromGcj02, gcj02, inverse } from '../../state/projection';
import { keep, kept } from '../../state/storage';

export interface System extends Reading {
  /** As it is remembered: `wgs84`, `gcj02` or a code of the EPSG register. */
  key: string;
  /** As short as the status line wants it. */
  short: string;
  title: () => string;
  there: (at: Position) => Position;
}
const same = (at: Position): Position => at;
const WGS84: System = {
  key: 'wgs84',
  short: 'WGS84 / CGCS2000',
  title: () => say('degrees'),
  metric: false,
  northFirst: false,
  there: same,
  back: same,
};
const GCJ02: System = {
  ...WGS84,
  key: 'gcj02',
  short: 'GCJ-02',
  title: () => say('gcj02'),
  there: gcj02,
  back: fromGcj02,
};
function systemOf(of: SystemInfo): System {
  const { code, title, north_first: northFirst } = of;
  const metric = of.projection !== 'degrees';
  return {
    key: String(code),
    short: `EPSG:${code}`,
    title: () =>
      say(metric ? (northFirst ? 'northEast' : 'eastNorth') : 'latLon', { title: `${title} · EPSG:${code}` }),
    metric,
    northFirst,
    there: (at) => forward(of, at),
    back: (at) => inverse(of, at),
  };
}

let all = $state.raw([WGS84]);
let chosen = $state.raw(WGS84);
export const systems = (): readonly System[] => (all.includes(chosen) ? all : [...all, chosen]);
export const system = (): System => chosen;
export function choose(one: System): void {
  chosen = one;
  keep('readout', one.key);
}
/** Whether web maps of the ground that the data is on are shifted. */
const shifted = (): boolean => {
  const [west = 0, south = 0, east = 0, north = 0] = dataset.value?.bounds ?? [];
  const middle: Position = [(west + east) / 2, (south + north) / 2];
  return gcj02(middle)[0] !== middle[0];
};
/** Fetches what the data is offered in. */
export async function fetchSystems(): Promise<void> {
  const rest = (await offered()).filter((one) => one.code !== null).map(systemOf);
  all = [WGS84, ...(shifted() ? [GCJ02] : []), ...rest];
  chosen = all.find((one) => one.key === chosen.key) ?? chosen;
}
/** Chooses the system of a code of the EPSG register; a problem where the service has none. */
export async function chooseCode(code: string): Promise<void> {
  const found = systemOf(await ofCode(code));
  choose(all.find((one) => one.key === found.key) ?? found);
}
const was = kept('readout');
if (was === 'gcj02') chosen = GCJ02;
else if (was && was !== 'wgs84') void chooseCode(was).catch(() => undefined); // a service that does not know it shows degrees, as its name says

/** A place as the system writes it; letters name the axes wherever it is not longitude, latitude. */
export function written(at: Position): string {
  const [east, north] = chosen.there(at).map((one) => one.toFixed(chosen.metric ? 1 : 5)) as [string, string];
  if (!chosen.metric && !chosen.northFirst) return `${east}, ${north}`;
  return chosen.northFirst ? `N ${north}, E ${east}` : `E ${east}, N ${north}`;
}
/** The place that is typed, in the chosen system. */
export const placeTyped = (text: string): Position | null => placeIn(text, dataset.value?.bounds ?? null, chosen);
