// Which rows stand behind a figure: the question they answer, what the figure means, how they are ordered at first.
import * as api from '../../api/shigu';
import type { Amount, ClusterRow } from '../../api/types';
import { pick, t } from '../../i18n';
import { amountText, number, periodName, withUnit } from '../../i18n/format';
import { base, dataset, queryables, question, period } from '../../state/data.svelte';
import { classNamed, clusterColumn, metricColumn, metricOf, metricPeriod } from '../../state/description';
import { view } from '../../state/view.svelte';
import { shown } from './scope.svelte';

export interface Listing {
  title: string;
  /** What the figure counts or sums, and what is missing in it. */
  meaning: string;
  question: api.Question;
  sort: string | null;
  /** Rows without a value, where they can be had. */
  missing: { count: number; list: string } | null;
}
/** The property of a metric in the chosen period, where single rows may show it. */
export const metricProperty = (id: string): string | null => {
  const name = metricColumn(dataset.value, id, period());
  return name && queryables.value?.properties[name] ? name : null;
};
const rule = (): string => {
  const note = base.value?.notes.find((one) => one.code === 'edge-rule');
  return note ? pick(note) : '';
};
const gaps = (amount: Amount | undefined): string =>
  amount ? t('query.list.gaps', { reported: number(amount.reported), missing: number(amount.missing) }) : '';

/** How many rows of a cluster have each metric. */
const clusterGaps = (row: ClusterRow | undefined): string =>
  (dataset.value?.metrics ?? [])
    .flatMap((metric) => {
      const amount = row?.amounts[metric.id];
      return amount ? [`${pick(metric.title)}${t('list.colon')}${gaps(amount)}`] : [];
    })
    .join(t('list.semicolon'));

/** The rows behind `count`, `metric.<id>`, `missing.<id>`, `cluster.<code>` or `unclassified`. */
export function listing(list: string): Listing {
  const asked = question();
  const [what, id = ''] = list.split(/\.(.*)/s);
  const metric = metricOf(dataset.value, id);
  const property = metric ? metricProperty(id) : null;
  if (metric && (what === 'metric' || what === 'missing')) {
    const amount = shown()?.totals[id];
    const name = t('card.metric', {
      period: periodName(metricPeriod(dataset.value, id, period())),
      name: pick(metric.title),
    });
    if (what === 'missing') {
      return {
        title: t('query.list.missing', { name }),
        meaning: t('query.list.missing.meaning'),
        question: { ...asked, filter: api.all(asked.filter, property && `${property} IS NULL`) },
        sort: null,
        missing: null,
      };
    }
    const said = amount ? amountText(amount) : null;
    const meaning = t('query.list.metric.meaning', {
      name,
      sum: said ? withUnit(said.value, said.unit) : '–',
      gaps: gaps(amount),
    });
    return {
      title: name,
      meaning,
      question: asked,
      sort: property && `-${property}`,
      missing: amount?.missing && property ? { count: amount.missing, list: `missing.${id}` } : null,
    };
  }
  if (what === 'cluster' || what === 'unclassified') {
    const code = what === 'cluster' ? id : null;
    const row = base.value?.clusters.find((one) => (one.code ?? null) === code);
    const name = code ? pick(classNamed(dataset.value, code)?.name) : t('clusters.none');
    const lq = typeof row?.lq === 'number' ? number(row.lq, 2) : '–';
    return {
      title: name,
      meaning: t('query.list.cluster.meaning', { name, lq, gaps: clusterGaps(row) }),
      question: {
        ...asked,
        cluster: code,
        filter: code ? asked.filter : api.all(asked.filter, `${clusterColumn(dataset.value)} IS NULL`),
      },
      sort: null,
      missing: null,
    };
  }
  return {
    title: t('figure.count'),
    meaning: `${t('query.list.count.meaning')}${rule()}`,
    question: asked,
    sort: null,
    missing: null,
  };
}
/** Whether the list is open with these rows. */
export const isListed = (list: string): boolean => view.list === list;
