// docs/workbench.md names stories and guides that there are.
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const at = (path: string) => new URL(path, import.meta.url);
const read = (path: string) => readFileSync(at(path), 'utf8');
const page = read('../../docs/workbench.md');
const rows = page.split('\n').filter((line) => /^\| \d/.test(line));
/** The titles of a file's stories; one that is told by mouse and by keyboard ends with `${hand}`. */
const titles = (spec: string): string[] =>
  [...read(`../stories/${spec}.spec.ts`).matchAll(/\btest\(\s*(['`])(.*?)\1,/gs)].flatMap(([, , title]) =>
    title!.endsWith('${hand}') ? ['by mouse', 'by keyboard'].map((hand) => title!.replace('${hand}', hand)) : [title!],
  );
/** A heading as an address names it. */
const anchor = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} -]/gu, '')
    .replaceAll(' ', '-');

describe('docs/workbench.md', () => {
  it('has all parts, each with a story by mouse or by keyboard', () => {
    expect([...new Set(rows.map((row) => Number(/\d+/.exec(row)![0])))]).toEqual(
      Array.from({ length: 18 }, (_, i) => i + 1),
    );
    for (const row of rows) expect(row.split('|')).toHaveLength(6);
  });
  it('names stories that there are', () => {
    const named = rows.flatMap((row) => [...row.matchAll(/`([\w-]+)`: ([^|]+?) \|/g)]);
    expect(named.length).toBeGreaterThan(80);
    for (const [, spec, said] of named) {
      const [begins, ends = ''] = said!.split(' … ');
      const found = titles(spec!).filter((title) => title.startsWith(begins!) && title.endsWith(ends));
      expect(found, `${spec}: ${said}`).toHaveLength(1);
    }
  });
  it('names guides that there are', () => {
    for (const row of rows)
      for (const [, link] of row.matchAll(/\]\(([^)]+)\)/g)) {
        const [file, heading] = link!.split('#');
        const path = file ? `../../docs/${file}` : '../../docs/workbench.md';
        expect(existsSync(at(path)), link).toBe(true);
        const headings = [...read(path).matchAll(/^#+ (.+)$/gm)].map(([, text]) => anchor(text!));
        if (heading) expect(headings, link).toContain(heading);
      }
  });
});
