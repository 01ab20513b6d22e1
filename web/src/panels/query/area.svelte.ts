// The reader's area in words.
import { isSaved } from '../../api/shigu';
import { nameOf, t } from '../../i18n';
import { number } from '../../i18n/format';
import { areaNow, zoneOf } from '../../state/data.svelte';
import { area } from '../../state/outline';
import { view } from '../../state/view.svelte';
import { everywhereName } from '../shared/scope.svelte';

const km2 = (n: number): string => number(n, n < 100 ? 1 : 0);
/** The first area of the question, before anything is done to it. */
export function areaName(): string {
  if (view.drawn)
    return t('query.drawn.of', { n: km2((view.combine.length ? null : areaNow()?.area_km2) ?? area(view.drawn)) });
  if (view.circle) return t('scope.circle.plain', { n: number(view.circle.radius_m) });
  if (view.buffer) {
    const made = view.combine.length ? null : areaNow();
    return made ? nameOf(made) : t('kind.buffer');
  }
  const zone = zoneOf(view.zone) ?? (isSaved(view.zone) && !view.combine.length ? areaNow() : null);
  return zone ? nameOf(zone) : everywhereName();
}
/** The area of the question as a whole. */
export function wholeName(): string {
  const zone = areaNow();
  if (!view.combine.length || !zone) return areaName();
  return zone.area_km2 ? t('query.combined.of', { n: km2(zone.area_km2) }) : t('query.combined');
}
