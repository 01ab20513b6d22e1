// What zones are coloured by, as the service's parameter `choropleth` has it: read into parts, written in one spelling.
export const CUTS = ['natural', 'quantile', 'equal', 'own', 'moran'] as const;
export type Cut = (typeof CUTS)[number];
export const MEASURES = ['value', 'density', 'share', 'lq', 'growth', 'per'] as const;
export type Measure = (typeof MEASURES)[number];
export const MOST_CLASSES = 9;
const USUAL = 5;

export interface Choropleth {
  /** A metric; `count` for the number of rows. */
  by: string;
  measure: Measure;
  /** The period that growth is counted from, or what is divided by. */
  other: string;
  cut: Cut;
  /** Of own breaks. */
  breaks: readonly number[];
  classes: number;
  /** Empty for the map's own colours. */
  ramp: string;
  reversed: boolean;
}
export const USUALLY: Choropleth = {
  by: 'count',
  measure: 'value',
  other: '',
  cut: 'natural',
  breaks: [],
  classes: USUAL,
  ramp: '',
  reversed: false,
};

const oneOf = <T extends string>(text: string, all: readonly T[]): T | undefined => all.find((one) => one === text);

export function parse(text: string | null): Choropleth {
  const parts = new Map(
    (text ?? '').split(',').map((part): [string, string] => {
      const [key = '', value = ''] = part.split(/:(.*)/s);
      return [key, value];
    }),
  );
  const [measure = '', other = ''] = (parts.get('as') ?? '').split(/\/(.*)/s);
  const cut = parts.get('cut') ?? '';
  const breaks = /^[-\d.]/.test(cut) ? cut.split('/').map(Number).filter(Number.isFinite) : [];
  const classes = Number(parts.get('classes') ?? USUAL);
  return {
    by: parts.get('by') || 'count',
    measure: oneOf(measure, MEASURES) ?? 'value',
    other,
    cut: breaks.length ? 'own' : (oneOf(cut, CUTS) ?? 'natural'),
    breaks,
    classes: Number.isInteger(classes) && classes >= 2 && classes <= MOST_CLASSES ? classes : USUAL,
    ramp: parts.get('ramp') ?? '',
    reversed: parts.has('reversed'),
  };
}

/** As the service spells it; null for what is usual. */
export function print({ by, measure, other, cut, breaks, classes, ramp, reversed }: Choropleth): string | null {
  const own = cut === 'own' && breaks.length > 0;
  // it has classes and colours of its own
  const given = cut === 'moran';
  const parts = [
    by === 'count' ? '' : `by:${by}`,
    measure === 'value'
      ? ''
      : `as:${measure}${other && (measure === 'growth' || measure === 'per') ? `/${other}` : ''}`,
    own ? `cut:${breaks.join('/')}` : cut === 'natural' || cut === 'own' ? '' : `cut:${cut}`,
    own || given || classes === USUAL ? '' : `classes:${classes}`,
    ramp && !given ? `ramp:${ramp}` : '',
    reversed && !given ? 'reversed' : '',
  ];
  return parts.filter(Boolean).join(',') || null;
}

/** Breaks as a reader writes them: numbers with blanks, commas or slashes between, put in order; null where one is none. */
export function breaksIn(text: string): number[] | null {
  const parts = text.split(/[\s,,、/;]+/u).filter(Boolean);
  const numbers = [...new Set(parts.map(Number))].sort((a, b) => a - b);
  return numbers.length && numbers.length < MOST_CLASSES && numbers.every(Number.isFinite) ? numbers : null;
}
