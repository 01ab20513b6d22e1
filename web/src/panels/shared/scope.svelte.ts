// What the numbers on screen are about, in words; and which numbers those are.
import type { Summary } from '../../api/types';
import { nameOf, t } from '../../i18n';
import { number } from '../../i18n/format';
import { base, dataset, focus, picked } from '../../state/data.svelte';
import { view } from '../../state/view.svelte';

/** The numbers to show big: of the isolated cluster when one is, else of all. */
export const shown = (): Summary | null => (view.cluster ? (focus.value ?? base.value) : base.value);
export const loading = (): boolean => dataset.loading || base.loading || (view.cluster !== null && focus.loading);

/** A feature's name in the language, where the feature has one. */
export const titleOf = (properties: Record<string, unknown> | undefined): string =>
  properties ? nameOf({ name: String(properties.name ?? ''), name_en: properties.name_en as string | null }) : '';

export function scopeName(): string {
  const summary = base.value;
  if (view.combine.length && summary?.zone.kind === 'combined') return nameOf(summary.zone);
  if (view.drawn) return t('query.drawn');
  if (view.circle) {
    const n = number(view.circle.radius_m);
    const around = titleOf(picked.value?.properties);
    return around ? t('scope.circle', { name: around, n }) : t('scope.circle.plain', { n });
  }
  return summary && summary.zone.kind !== 'city' ? nameOf(summary.zone) : t('kind.city');
}
