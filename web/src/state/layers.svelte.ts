// The switches of the map's layer groups, as the View has them and the dataset names them.
import type { LayerGroup } from '../api/types';
import { dataset } from './data.svelte';
import { shownGroups, toggled } from './description';
import { go, view } from './view.svelte';

export const layerGroups = (): readonly LayerGroup[] => dataset.value?.layer_groups ?? [];
const shown = $derived.by(() => shownGroups(dataset.value, view.layers));
export const isShown = (group: string): boolean => shown.has(group);
/** Those that are shown, as the service's parameter `layers` has them; a comma alone for none. */
export const shownLayers = (): string => [...shown].join(',') || ',';

export const toggleLayer = (group: string): void => go({ layers: toggled(dataset.value, view.layers, group) }, false);
/** How much of a layer group is seen, in percent. */
export function fade(group: string, percent: number): void {
  const { [group]: _, ...others } = view.opacity;
  go({ opacity: percent < 100 ? { ...others, [group]: percent } : others }, false);
}
