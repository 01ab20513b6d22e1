// Colours of what is found, in both themes: one place for map and legend.
import type { HexagonsFound } from '../../api/types';
import type { Drawn } from '../../map/hotspotLayers.svelte';
import type { Theme } from '../../state/url';
import type { Found } from './found.svelte';

type Hexagon = HexagonsFound['features'][number]['properties'];
export type HexagonClass = 'hot' | 'near.hot' | 'neither' | 'near.cold' | 'cold' | 'withheld';

const HEXAGONS: Record<Theme, Record<HexagonClass, string | null>> = {
  light: {
    hot: '#B2182B',
    'near.hot': '#F4A582',
    neither: null,
    'near.cold': '#92C5DE',
    cold: '#2166AC',
    withheld: '#9AA0A6',
  },
  dark: {
    hot: '#F0616A',
    'near.hot': '#6B5330',
    neither: null,
    'near.cold': '#35596B',
    cold: '#5AA5EE',
    withheld: '#6B727A',
  },
};
export const FINDINGS: Record<Theme, Record<string, string>> = {
  light: { planned: '#1F7A4D', partly_planned: '#C98A00', missed: '#B4232A', not_compared: '#1F4E9C' },
  dark: { planned: '#4CC38A', partly_planned: '#F2BC4A', missed: '#F0616A', not_compared: '#7FB0FF' },
};
const BANDS: Record<Theme, readonly string[]> = {
  light: ['#FFF3B2', '#FED976', '#FEB24C', '#FD8D3C', '#E31A1C', '#800026'],
  dark: ['#3B2A1A', '#6B3F16', '#A35A14', '#D97B1C', '#F5A742', '#FFE08A'],
};

/** What a hexagon is shown as: hot and cold by q alone; p alone is shown apart and says nothing. */
export function classOf(one: Hexagon, rate: number): HexagonClass {
  if (one.heat !== 'neither') return one.heat;
  const unusual = (one.p ?? 1) <= rate;
  if (!unusual || one.upper === null || one.upper === undefined) return 'neither';
  return one.upper < (one.lower ?? 1) ? 'near.hot' : 'near.cold';
}
export const hexagonColour = (one: HexagonClass, theme: Theme): string | null => HEXAGONS[theme][one];
export const bandColour = (band: number, theme: Theme): string => BANDS[theme][band] ?? BANDS[theme][0]!;

export function drawn(found: Found, theme: Theme): Drawn[] {
  if (found.kind === 'areas')
    return found.answer.features.map((one) => {
      const colour = FINDINGS[theme][one.properties.finding]!;
      return { id: one.id, geometry: one.geometry, colour: `${colour}66`, line: colour };
    });
  if (found.kind === 'hexagons')
    return found.answer.features.map((one) => ({
      id: one.id,
      geometry: one.geometry,
      colour: hexagonColour(classOf(one.properties, found.answer.false_discovery_rate), theme),
      line: theme === 'dark' ? '#5A6570' : '#B9C0C7',
    }));
  return found.answer.features.map((one) => {
    const colour = bandColour(one.properties.band, theme);
    return { id: one.id, geometry: one.geometry, colour, line: 'rgba(0,0,0,0)' };
  });
}
