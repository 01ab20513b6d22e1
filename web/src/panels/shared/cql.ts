// Conditions as rows of a form: read from CQL2 text where it is no more than conditions that all hold, and written back.
export const COMPARE = ['=', '<>', '<', '<=', '>', '>='] as const;
export type Verb = (typeof COMPARE)[number] | 'in' | 'has' | 'like' | 'null' | 'notnull';
export type Scalar = string | number | boolean;
export interface Condition {
  property: string;
  verb: Verb;
  values: Scalar[];
}

const TOKEN =
  /\s*(?:'((?:[^']|'')*)'|"((?:[^"]|"")*)"|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|([A-Za-z_][\w]*)|(<>|<=|>=|[=<>(),]))/y;
type Token = { kind: 'text' | 'name' | 'number' | 'word' | 'sign'; text: string };

function tokens(text: string): Token[] | null {
  const out: Token[] = [];
  TOKEN.lastIndex = 0;
  const end = text.trimEnd().length;
  while (TOKEN.lastIndex < end) {
    const found = TOKEN.exec(text);
    if (!found) return null;
    const [, quoted, named, number, word, sign] = found;
    if (quoted !== undefined) out.push({ kind: 'text', text: quoted.replace(/''/g, "'") });
    else if (named !== undefined) out.push({ kind: 'name', text: named.replace(/""/g, '"') });
    else if (number !== undefined) out.push({ kind: 'number', text: number });
    else if (word !== undefined) out.push({ kind: 'word', text: word });
    else out.push({ kind: 'sign', text: sign! });
  }
  return out;
}

/** A pattern that only says "contains"; null for others. */
function contained(pattern: string): string | null {
  const inner = /^%((?:[^%_\\]|\\.)*)%$/s.exec(pattern)?.[1];
  return inner === undefined ? null : inner.replace(/\\(.)/gs, '$1');
}

class Reader {
  #at = 0;
  constructor(readonly all: readonly Token[]) {}
  get done(): boolean {
    return this.#at === this.all.length;
  }
  next(): Token | undefined {
    return this.all[this.#at++];
  }
  word(word: string): boolean {
    const token = this.all[this.#at];
    const is = token?.kind === 'word' && token.text.toUpperCase() === word;
    if (is) this.#at += 1;
    return is;
  }
  sign(...signs: string[]): string | null {
    const token = this.all[this.#at];
    if (token?.kind !== 'sign' || !signs.includes(token.text)) return null;
    this.#at += 1;
    return token.text;
  }
  value(): Scalar | null {
    const token = this.next();
    if (token?.kind === 'text') return token.text;
    if (token?.kind === 'number') return Number(token.text);
    const word = token?.kind === 'word' ? token.text.toUpperCase() : '';
    return word === 'TRUE' ? true : word === 'FALSE' ? false : null;
  }
  condition(): Condition | null {
    const token = this.next();
    if (token?.kind !== 'word' && token?.kind !== 'name') return null;
    if (token.kind === 'word' && token.text.toUpperCase() === 'A_OVERLAPS') return this.overlaps();
    const property = token.text;
    const verb = this.sign(...COMPARE) as Verb | null;
    if (verb) {
      const value = this.value();
      return value === null ? null : { property, verb, values: [value] };
    }
    if (this.word('IS')) {
      const verb = this.word('NOT') ? 'notnull' : 'null';
      return this.word('NULL') ? { property, verb, values: [] } : null;
    }
    if (this.word('LIKE')) {
      const value = this.value();
      const inner = typeof value === 'string' ? contained(value) : null;
      return inner === null ? null : { property, verb: 'like', values: [inner] };
    }
    const values = this.word('IN') ? this.list() : null;
    return values && { property, verb: 'in', values };
  }
  /** Values in brackets. */
  list(): Scalar[] | null {
    if (!this.sign('(')) return null;
    const values: Scalar[] = [];
    do {
      const value = this.value();
      if (value === null) return null;
      values.push(value);
    } while (this.sign(','));
    return this.sign(')') ? values : null;
  }
  /** What follows A_OVERLAPS: a list of the row, and the values of which it has any. */
  overlaps(): Condition | null {
    if (!this.sign('(')) return null;
    const token = this.next();
    if ((token?.kind !== 'word' && token?.kind !== 'name') || !this.sign(',')) return null;
    const values = this.list();
    return values && this.sign(')') ? { property: token.text, verb: 'has', values } : null;
  }
}

/** The rows of a filter; null when it says more than a list of conditions can. */
export function parse(text: string | null): Condition[] | null {
  if (!text) return [];
  const all = tokens(text);
  if (!all) return null;
  const reader = new Reader(all);
  const out: Condition[] = [];
  do {
    const one = reader.condition();
    if (!one) return null;
    out.push(one);
  } while (reader.word('AND'));
  return reader.done ? out : null;
}

const RESERVED = new RegExp(
  '^(and|or|not|is|null|like|in|between|true|false|casei|accenti|date|timestamp|interval|div|bbox|[sta]_\\w+' +
    '|point|linestring|polygon|multi\\w+|geometrycollection)$',
  'i',
);
const name = (property: string): string =>
  /^[A-Za-z_]\w*$/.test(property) && !RESERVED.test(property) ? property : `"${property.replace(/"/g, '""')}"`;
const literal = (value: Scalar): string =>
  typeof value === 'string'
    ? `'${value.replace(/'/g, "''")}'`
    : typeof value === 'boolean'
      ? String(value).toUpperCase()
      : String(value);

function printOne({ property, verb, values }: Condition): string {
  const of = name(property);
  if (verb === 'null') return `${of} IS NULL`;
  if (verb === 'notnull') return `${of} IS NOT NULL`;
  if (verb === 'in') return `${of} IN (${values.map(literal).join(', ')})`;
  if (verb === 'has') return `A_OVERLAPS(${of}, (${values.map(literal).join(', ')}))`;
  if (verb === 'like') return `${of} LIKE ${literal(`%${String(values[0]).replace(/[%_\\]/g, '\\$&')}%`)}`;
  return `${of} ${verb} ${literal(values[0]!)}`;
}
/** The conditions as CQL2 text; null when there are none. */
export const print = (conditions: readonly Condition[]): string | null =>
  conditions.length ? conditions.map(printOne).join(' AND ') : null;
