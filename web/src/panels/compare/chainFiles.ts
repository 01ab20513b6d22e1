// A chain as a CSV file: every stage of every area, what is nearest of the gaps of one, and the rules.
import type { Chain } from '../../api/types';
import { nameOf, pick } from '../../i18n';
import { say } from '../../i18n/chain';
import { csv } from '../shared/csv';

type Field = string | number | null;

export function chainFile(of: Chain, near: Chain | null): { name: string; text: string } {
  const named = new Map(of.stages.map((stage) => [stage.code, stage]));
  const lines: Field[][] = [...(of.whole ? [of.whole] : []), ...of.zones].flatMap((area) =>
    [...area.stages, area.unstaged].map((cell) => {
      const stage = cell.stage ? named.get(cell.stage) : undefined;
      return [
        area.id,
        nameOf(area),
        cell.stage ?? '',
        stage ? pick(stage.name) : say('unstaged'),
        pick(stage?.kind),
        stage?.after.join(' ') ?? '',
        cell.count,
        cell.value ?? null,
        Number(cell.withheld),
        stage && !cell.count ? say('gap') : '',
      ];
    }),
  );
  const gaps: Field[][] = (near?.gaps ?? []).flatMap((gap) => [
    ...gap.nearest.map((row) => [near!.zones[0]?.id ?? '', gap.stage, row.id, pick(row.name), Math.round(row.metres)]),
    ...gap.zones.map((zone) => [near!.zones[0]?.id ?? '', gap.stage, zone.id, nameOf(zone), Math.round(zone.metres)]),
  ]);
  const text = csv([
    ['zone', 'zone_name', 'stage', 'stage_name', 'kind', 'after', 'count', 'value', 'withheld', 'gap'],
    ...lines,
    [],
    ['zone', 'stage', 'near', 'near_name', 'metres'],
    ...gaps,
    [],
    ['class', 'class_name', 'weight', 'unit', 'period'],
    [of.class?.code ?? '', pick(of.class?.name), pick(of.weight.title), pick(of.weight.unit), of.period ?? ''],
    [],
    ...of.notes.map((note) => [pick(note)]),
  ]);
  return { name: `${say('file')}-${of.class?.code ?? ''}-${of.period ?? ''}-${of.revision.slice(0, 8)}.csv`, text };
}
