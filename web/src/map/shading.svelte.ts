// How zones are coloured now: by what the reader chose, as the service cut it, or by counts.
import { number } from '../i18n/format';
import { pick, t } from '../i18n';
import { asParameter } from '../api/period';
import * as api from '../api/shigu';
import type { Text } from '../api/types';
import { answersOf, choosing, dataset, partition, period, question, shading } from '../state/data.svelte';
import { classNamed } from '../state/description';
import { view } from '../state/view.svelte';
import { untrack } from 'svelte';
import { countOf, shading as classesOf } from './labels';
import { settled } from './settled.svelte';
import { shaded as shadedZones } from './shadedZones.svelte';
import { classOf } from './classes';
import { clusterColour, darkGround, shades } from './mapState.svelte';

/** A line of the legend; without a colour the zone is left as it is. */
export interface Entry {
  key: string;
  text: string;
  colour: string | null;
}
export interface Shading {
  title: string;
  entries: readonly Entry[];
  colours: ReadonlyMap<string, string>;
  /** What is written beside each zone's name. */
  said: ReadonlyMap<string, string>;
}

/** What a figure of zones is called: its class, its title, its unit. */
export function figureTitle(of: { of?: string | null; title: Text }, unit: string): string {
  const cluster = classNamed(dataset.value, of.of);
  const name = cluster ? `${pick(cluster.name)}${t('list.colon')}` : '';
  return `${name}${pick(of.title)}${unit ? t('compare.in', { unit }) : ''}`;
}

/** Of the figure that was chosen; null until it has come. */
function chosen(): Shading | null {
  const answer = shading.value;
  if (!answer || shading.problem) return null;
  const colours = darkGround() ? answer.colors_dark : answer.colors;
  const say = (value: number) => number(value, answer.decimals);
  const unit = pick(answer.unit);
  const range = ({ from, to, title, count }: (typeof answer.classes)[number]): string =>
    title
      ? `${pick(title)} (${number(count)})`
      : from === null || from === undefined
        ? to === null || to === undefined
          ? t('shade.all')
          : `< ${say(to)}`
        : to === null || to === undefined
          ? `≥ ${say(from)}`
          : say(from) === say(to)
            ? say(from)
            : `${say(from)}–${say(to)}`;
  const own = { zero: null, missing: answer.missing, withheld: answer.withheld } as const;
  const apart = (['zero', 'missing', 'withheld'] as const).filter((one) =>
    answer.zones.some((zone) => zone.apart === one),
  );
  return {
    title: figureTitle(answer, unit),
    entries: [
      ...apart.map((one) => ({ key: one, text: t(`shade.${one}`), colour: own[one] })),
      ...answer.classes.map((one, i) => ({ key: String(i), text: range(one), colour: colours[i] ?? null })),
    ],
    colours: new Map(
      answer.zones.flatMap((zone): [string, string][] => {
        const colour = zone.apart ? own[zone.apart] : colours[zone.class ?? -1];
        return colour ? [[zone.id, colour]] : [];
      }),
    ),
    said: new Map(
      answer.zones.map((zone) => [
        zone.id,
        zone.value === null || zone.value === undefined
          ? zone.apart
            ? t(`shade.${zone.apart}`)
            : ''
          : unit === '%'
            ? `${say(zone.value)}%`
            : say(zone.value),
      ]),
    ),
  };
}

/** Of the number of rows. */
function counted(): Shading {
  // counts of an older question are of no use beside the new one
  const rows = partition.problem ? [] : shadedZones().zones;
  const cut = classesOf(rows, settled.cluster);
  const all = shades();
  const colours = all.slice(all.length - cut.length);
  const cluster = classNamed(dataset.value, settled.cluster);
  const count = (row: (typeof rows)[number]) => countOf(row, settled.cluster);
  return {
    title: cluster ? t('legend.count.of', { name: pick(cluster.name) }) : t('legend.count'),
    entries: [
      ...(rows.some((row) => count(row) === 0) ? [{ key: 'zero', text: '0', colour: null }] : []),
      ...cut.map((one, i) => ({
        key: String(i),
        text: one.from === one.to ? number(one.from) : `${number(one.from)}–${number(one.to)}`,
        colour: colours[i] ?? null,
      })),
    ],
    colours: new Map(
      rows.flatMap((row): [string, string][] => {
        const colour = colours[classOf(count(row), cut)];
        return colour ? [[row.id, colour]] : [];
      }),
    ),
    said: new Map(rows.map((row) => [row.id, t('map.count', { n: number(count(row)) })])),
  };
}

export const shaded = (): Shading => (view.choropleth ? chosen() : null) ?? counted();
/** The colour of a single row in the legend. */
export const rowColour = (): string => clusterColour() ?? shades().at(-1)!;

/** Keeps the classes of the chosen figure in step, of the zones that are shaded; call in a component that has the map. */
export function followShading(): void {
  $effect(() => {
    const { kind, zones } = shadedZones();
    const revision = dataset.value?.register ? answersOf() : null;
    const [{ cluster, clusterProperty, filter }, shown, choropleth] = [question(), period(), view.choropleth];
    if (!revision || !kind || (!choropleth && !choosing.shading)) return untrack(() => shading.empty());
    // below one zone, classes are cut among its parts
    const above = zones[0]?.parent ?? null;
    const parent = kind.count > zones.length && zones.every((one) => (one.parent ?? null) === above) ? above : null;
    const params = { kind: kind.id, parent, ...asParameter(shown), [clusterProperty]: cluster, filter, choropleth };
    untrack(() => shading.load(JSON.stringify([revision, params]), (signal) => api.choropleth(params, signal)));
  });
}
