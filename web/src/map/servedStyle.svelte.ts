// The style that the server draws the map in, and what of it the layer groups leave.
import { untrack } from 'svelte';
import * as api from '../api/shigu';
import type { StyleLayer, StyleSpecification } from '../api/style';
import type { LayerGroup } from '../api/types';
import { dataset } from '../state/data.svelte';
import { isShown, layerGroups } from '../state/layers.svelte';
import { Resource } from '../state/resource.svelte';
import { lang, theme } from '../state/view.svelte';
import { groupOfKind, groupsOf } from './style';

export const mapStyle = new Resource<StyleSpecification>();

/** Fetches the style of the theme and language, again when these or the data change. */
export function wantStyle(): void {
  const [mode, tongue] = [theme(), lang()];
  if (!dataset.value) return;
  const key = `${dataset.value.revision} ${dataset.value.register} ${mode} ${tongue}`;
  untrack(() => mapStyle.load(key, (signal) => api.style(mode, tongue, signal)));
}

const layers = (): readonly StyleLayer[] => mapStyle.value?.layers ?? [];
/** Whether a collection is drawn at all: one of its layer groups is shown, or it is always on. */
export function isDrawn(collection: string): boolean {
  const groups = groupsOf(layers(), collection);
  return !groups.length || groups.some(isShown);
}
/** The layer groups with something schematic, and whether all that is drawn in them is. */
export const schematicGroups = (): { id: string; title: LayerGroup['title']; whole: boolean }[] =>
  layerGroups().flatMap(({ id, title }) => {
    const of = (dataset.value?.collections ?? []).filter((one) => groupsOf(layers(), one.id).includes(id));
    return of.some((one) => one.schematic) ? [{ id, title, whole: of.every((one) => one.schematic) }] : [];
  });
/** Whether the features of a collection with a value of the property `kind` are drawn. */
export function isKindDrawn(collection: string, kind: string): boolean {
  const group = groupOfKind(layers(), collection, kind);
  return group === null || isShown(group);
}
/** The layer group of such features; null where they have none. */
export function groupOfFeatures(collection: string, kind: string): LayerGroup | null {
  const group = groupOfKind(layers(), collection, kind);
  return layerGroups().find((one) => one.id === group) ?? null;
}
