// Conditions in the words of the data: titles of properties, names of codes, units.
import type { Queryable } from '../../api/types';
import { nameOf, t } from '../../i18n';
import { withUnit } from '../../i18n/format';
import { partition, queryables, zoneOf } from '../../state/data.svelte';
import type { Condition, Scalar } from './cql';

export interface Choice {
  code: string;
  name: string;
}
export const queryable = (property: string): Queryable | null => queryables.value?.properties[property] ?? null;
export const titleOf = (property: string): string => queryable(property)?.title ?? property;

/** The values that a property can have, where they are few and known: of its codelist, its pattern, or the zones that divide the whole. */
export function choices(property: string): Choice[] | null {
  const of = queryable(property);
  if (!of) return null;
  const codes =
    of.enum ??
    of.items?.enum ??
    (of['x-references'] === partition.value?.zones[0]?.collection
      ? partition.value?.zones.map((zone) => zone.id)
      : /^\^\((\w+(?:\|\w+)*)\)\$$/.exec(of.pattern ?? '')?.[1]?.split('|'));
  return codes?.map((code) => ({ code, name: valueName(property, code) })) ?? null;
}

/** What a value is called. */
export function valueName(property: string, value: Scalar): string {
  if (typeof value === 'boolean') return t(value ? 'query.yes' : 'query.no');
  const of = queryable(property);
  if (typeof value === 'number') return withUnit(String(value), of?.['x-ogc-unit']);
  const named = of?.oneOf ?? of?.items?.oneOf;
  if (named) return named.find((one) => one.const === value)?.title ?? value;
  const zone = of?.['x-references'] ? zoneOf(value) : null;
  return zone ? nameOf(zone) : value;
}

const SIGNS = { '<': '<', '<=': '≤', '>': '>', '>=': '≥' } as const;
/** A condition as a piece of a sentence. */
export function say({ property, verb, values }: Condition): string {
  const name = titleOf(property);
  const said = values.map((value) => valueName(property, value));
  if (typeof values[0] === 'boolean')
    return (values[0] === true) === (verb === '=') ? name : t('query.say.not', { name });
  if (verb === 'null' || verb === 'notnull')
    return t(verb === 'null' ? 'query.say.null' : 'query.say.notnull', { name });
  if (verb === 'like') return t('query.say.like', { name, value: said[0] ?? '' });
  if (verb === 'has') return t('query.say.has', { name, value: said.join(t('query.or')) });
  if (verb === '=' || verb === 'in')
    return queryable(property)?.enum && said.length === 1
      ? said[0]!
      : t('query.say.is', { name, value: said.join(t('query.or')) });
  if (verb === '<>') return t('query.say.isnot', { name, value: said[0] ?? '' });
  return `${name} ${SIGNS[verb]} ${said[0]}`;
}
export const sentence = (conditions: readonly Condition[]): string => conditions.map(say).join(t('query.and'));
