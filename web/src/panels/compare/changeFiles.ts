// Changes as a CSV file: every class of every area, with the sentences and the rules.
import type { Change, Changed } from '../../api/types';
import { nameOf, pick } from '../../i18n';
import { say } from '../../i18n/change';
import { csv } from '../shared/csv';
import { areasOf } from './changeNumbers';

type Field = string | number | null;
const given = (value: number | null | undefined): number | null => value ?? null;
const HEADS = [
  'count_before',
  'count',
  'before',
  'now',
  'change',
  'rate',
  'withheld',
  'whole',
  'mix',
  'regional',
  'competitive',
  'allocation',
  'dynamic_whole',
  'dynamic_mix',
  'dynamic_regional',
  'stayed',
  'entered',
  'left',
  'stayed_before',
  'stayed_now',
  'entered_now',
  'left_before',
  'alike_rate',
  'alike_rows',
  'reported_before',
  'rows_before',
  'reported',
  'rows',
];

function fields(of: Changed): Field[] {
  const { parts, own, dynamic, rows, alike } = of;
  return [
    ...[of.count_before, of.count, of.before, of.now, of.change, of.rate].map(given),
    Number(of.withheld),
    ...[parts?.whole, parts?.mix, parts?.regional, own?.competitive, own?.allocation].map(given),
    ...[dynamic?.whole, dynamic?.mix, dynamic?.regional].map(given),
    ...[rows?.stayed, rows?.entered, rows?.left].map(given),
    ...[rows?.stayed_before, rows?.stayed_now, rows?.entered_now, rows?.left_before].map(given),
    ...[alike?.rate, alike?.both, alike?.reported_before, alike?.rows_before, alike?.reported, alike?.rows].map(given),
  ];
}

export function changeFile(of: Change): { name: string; text: string } {
  const lines: Field[][] = areasOf(of).flatMap((area) => {
    const head: Field[] = [area.id, nameOf(area)];
    return [
      ...area.classes.map((one) => [...head, one.code ?? '', pick(one.name), ...fields(one)]),
      ...(area.together ? [[...head, '', say('together'), ...fields(area.together)]] : []),
      [...head, '', say('total'), ...fields(area)],
    ];
  });
  const said: Field[][] = areasOf(of).flatMap((area) =>
    area.findings.map((one) => [area.id, nameOf(area), one.rule, pick(one.text)]),
  );
  const about: Field[] = [pick(of.weight.title), pick(of.weight.unit), of.since ?? '', of.period ?? ''];
  const text = csv([
    ['zone', 'zone_name', 'class', 'class_name', ...HEADS],
    ...lines,
    [],
    ['weight', 'unit', 'since', 'period'],
    about,
    [],
    ['zone', 'zone_name', 'rule', 'text'],
    ...said,
    [],
    ...of.notes.map((note) => [pick(note)]),
  ]);
  return { name: `${say('file')}-${of.weight.id}-${of.since}-${of.period}-${of.revision.slice(0, 8)}.csv`, text };
}
