// What an export is called: its areas, period and files.
import type { ReportJob } from '../../api/types';
import { nameOf, pick } from '../../i18n';
import { say } from '../../i18n/report';
import { periodName, stamp } from '../../i18n/format';
import { dataset, partition, zoneOf } from '../../state/data.svelte';
import { partitionOf } from '../../state/description';
import { lang } from '../../state/view.svelte';
import { everywhereName } from '../shared/scope.svelte';

export function jobName({ question, asked }: ReportJob): string {
  if (!question) return say('report.job.unread', { when: stamp(asked) });
  const all = partition.value?.zones ?? [];
  const { zones, formats, year, period } = question;
  const every = all.length > 0 && zones.length === all.length && all.every((zone) => zones.includes(zone.id));
  const zone = zoneOf(zones[0] ?? null);
  const alone = zone ? nameOf(zone) : zones[0] === 'city' ? everywhereName() : (zones[0] ?? '');
  const which = every
    ? say('report.zones.all', { kind: pick(partitionOf(dataset.value)?.title), n: zones.length })
    : zones.length === 1
      ? alone
      : say('report.zones', { n: zones.length });
  return say('report.job', {
    zones: which,
    period: periodName(period ?? (year ? String(year) : null)),
    formats: formats.map((one) => one.toUpperCase()).join(lang() === 'en' ? ', ' : '、'),
  });
}
