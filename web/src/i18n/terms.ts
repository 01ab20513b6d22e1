// Puts values and the dataset's own words into a sentence. {name} is a value; {@rows} is what the dataset calls its rows,
// with a capital letter as {@Rows}, beside a number as {@rows:n}. {n|is|are} is the first word where the number is one, else the second.
import type { Dataset } from '../api/types';

type Language = 'zh' | 'en';
type Words = Pick<Dataset, 'terms' | 'clusters_title'>;

/** What stands where nothing is known of the dataset yet. */
const GENERAL: Record<Language, Record<string, string>> = {
  zh: {
    row: '记录',
    rows: '记录',
    counter: '条',
    class: '类别',
    classes: '类别',
    whole: '全部',
    classification: '类别',
  },
  en: {
    row: 'record',
    rows: 'records',
    counter: '',
    class: 'class',
    classes: 'classes',
    whole: 'the whole area',
    classification: 'classes',
  },
};

/** The words of a dataset in a language. */
export function wordsOf(data: Words | null | undefined, language: Language): Record<string, string> {
  if (!data) return GENERAL[language];
  const { row, class: category, whole } = data.terms;
  const title = data.clusters_title;
  return language === 'zh'
    ? {
        row: row.zh,
        rows: row.zh,
        counter: row.counter,
        class: category.zh,
        classes: category.zh,
        whole: whole.zh,
        classification: title?.zh || category.zh,
      }
    : {
        row: row.en,
        rows: row.plural,
        counter: '',
        class: category.en,
        classes: category.plural,
        whole: whole.en || whole.zh,
        classification: title?.en || title?.zh || category.plural,
      };
}

const ONE: Record<string, string> = { rows: 'row', classes: 'class' };
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
/** Whether a number as it is written is one. */
const isOne = (value: string | number | undefined): boolean => String(value ?? '').trim() === '1';

export function inserted(
  sentence: string,
  values: Record<string, string | number>,
  data: Words | null | undefined,
  language: Language,
): string {
  const counted = sentence.replace(/\{(\w+)\|(.*?)\|(.*?)\}/g, (_, name: string, one: string, several: string) =>
    isOne(values[name]) ? one : several,
  );
  return counted.replace(/\{(@?)(\w+)(?::(\w+))?\}/g, (all, term: string, name: string, counted?: string) => {
    if (!term) return String(values[name] ?? all);
    const words = wordsOf(data, language);
    const key = name.charAt(0).toLowerCase() + name.slice(1);
    const said = words[counted && isOne(values[counted]) ? (ONE[key] ?? key) : key] ?? all;
    return name === key ? said : capital(said);
  });
}
