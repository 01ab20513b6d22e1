// Profiles and pairs of classes as CSV files.
import type { ClassPairs, Profile } from '../../api/types';
import { nameOf, pick } from '../../i18n';
import { say } from '../../i18n/profile';
import { csv } from '../shared/csv';

type Field = string | number | null;
type File = { name: string; text: string };
const given = (value: number | null | undefined): number | null => value ?? null;

/** A line for each class in each zone, then one for each class and each zone, then the sentences and the rules. */
export function profileFile(of: Profile): File {
  const weight = of.weight.id;
  const cells: Field[][] = of.classes.flatMap((one) =>
    one.cells.map((cell, place) => [
      cell.zone,
      nameOf(of.zones[place]!),
      one.code,
      pick(one.name),
      weight,
      cell.count,
      given(cell.value),
      given(cell.share_of_class),
      given(cell.share_of_zone),
      given(cell.lq),
      given(cell.lq_test?.low),
      given(cell.lq_test?.high),
      cell.stars,
      Number(cell.size),
      Number(cell.specialised),
      Number(cell.focus),
      Number(cell.strong),
    ]),
  );
  const classes: Field[][] = of.classes.map((one) => [
    one.code,
    pick(one.name),
    weight,
    one.count,
    given(one.value),
    given(one.share),
    given(one.growth?.rate),
    given(one.growth?.both),
    given(one.rows.hhi),
    given(one.rows.top3_share),
    given(one.rows.top10_share),
    given(one.agglomeration.locational_gini),
    given(one.agglomeration.ellison_glaeser),
    given(one.agglomeration.maurel_sedillot),
  ]);
  const zones: Field[][] = of.zones.map((zone) => [
    zone.id,
    nameOf(zone),
    weight,
    zone.count,
    given(zone.value),
    given(zone.growth?.rate),
    given(zone.growth?.both),
    given(zone.class_hhi),
    given(zone.class_entropy),
    given(zone.krugman),
    given(zone.rows.hhi),
    given(zone.rows.top3_share),
    given(zone.rows.top10_share),
  ]);
  const findings: Field[][] = [
    ...of.classes.flatMap((one) => one.findings.map((f) => [one.code, pick(one.name), f.kind, f.rule, pick(f.text)])),
    ...of.zones.flatMap((one) => one.findings.map((f) => [one.id, nameOf(one), f.kind, f.rule, pick(f.text)])),
  ];
  const shares = ['count', 'value', 'share_of_class', 'share_of_zone', 'lq', 'low', 'high'];
  const stars = ['stars', 'size', 'specialised', 'focus', 'strong'];
  const rows = ['hhi_of_rows', 'top3_share', 'top10_share'];
  const text = csv([
    ['zone', 'zone_name', 'class', 'class_name', 'weight', ...shares, ...stars],
    ...cells,
    [],
    [
      'class',
      'class_name',
      'weight',
      'count',
      'value',
      'share',
      'growth',
      'growth_rows',
      ...rows,
      'locational_gini',
      'ellison_glaeser',
      'maurel_sedillot',
    ],
    ...classes,
    [],
    [
      'zone',
      'zone_name',
      'weight',
      'count',
      'value',
      'growth',
      'growth_rows',
      'hhi_of_classes',
      'entropy_of_classes',
      'krugman',
      ...rows,
    ],
    ...zones,
    [],
    ['of', 'name', 'kind', 'rule', 'text'],
    ...findings,
    [],
    ...of.notes.map((note) => [pick(note)]),
  ]);
  return { name: `${say('file')}-${weight}-${of.revision.slice(0, 8)}.csv`, text };
}

/** A line for each class beside each class. */
export function pairsFile(of: ClassPairs): File {
  const name = (code: string) => pick(of.classes.find((one) => one.code === code)?.name) || code;
  const lines: Field[][] = of.pairs.map((pair) => [
    pair.class,
    name(pair.class),
    pair.other,
    name(pair.other),
    of.weight.id,
    given(pair.coagglomeration),
    given(pair.colocation),
  ]);
  const heads = ['class', 'class_name', 'other', 'other_name', 'weight', 'coagglomeration', 'colocation_quotient'];
  const text = csv([heads, ...lines, [], ...of.notes.map((note) => [pick(note)])]);
  return { name: `${say('pairs.file')}-${of.weight.id}-${of.revision.slice(0, 8)}.csv`, text };
}
