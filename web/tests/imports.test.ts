// What may import what in src/: no circles, and each folder of panels stands alone but for the shared one.
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sources } from './sources';

const IMPORT = /(?:\bfrom\s*|\bimport\s*\(?\s*)'(\.{1,2}\/[^'?]+)/g;
const paths = new Set(sources.map((one) => one.path));
/** The source file that an import names; null for files of no interest, such as styles. */
function resolve(from: string, name: string): string | null {
  const target = normalize(join(dirname(from), name));
  return [target, `${target}.ts`, `${target}/index.ts`].find((path) => paths.has(path)) ?? null;
}
const importsOf = (path: string, text: string): string[] =>
  [...text.matchAll(IMPORT)].flatMap((one) => resolve(path, one[1]!) ?? []);
const graph = new Map(sources.map(({ path, text }) => [path, importsOf(path, text)]));

/** The first circle found, as the files along it. */
function circle(of: ReadonlyMap<string, readonly string[]>): string[] | null {
  const done = new Set<string>();
  const visit = (path: string, trail: string[]): string[] | null => {
    if (trail.includes(path)) return [...trail.slice(trail.indexOf(path)), path];
    if (done.has(path)) return null;
    for (const next of of.get(path) ?? []) {
      const found = visit(next, [...trail, path]);
      if (found) return found;
    }
    done.add(path);
    return null;
  };
  for (const path of of.keys()) {
    const found = visit(path, []);
    if (found) return found;
  }
  return null;
}

describe('imports', () => {
  it('are found and lead to files', () => {
    expect([...graph.values()].flat().length).toBeGreaterThan(300);
    for (const { path, text } of sources)
      for (const [, name] of text.matchAll(IMPORT))
        if (!/\.(css|mjs)$|\/schema$/.test(name!)) expect(resolve(path, name!), `${path}: ${name}`).not.toBeNull();
  });
  it('form no circle', () => {
    expect(circle(graph)).toBeNull();
  });
  it('of which a circle would be noticed', () => {
    const round = new Map([
      ['a', ['b']],
      ['b', ['c', 'd']],
      ['c', []],
      ['d', ['b']],
    ]);
    expect(circle(round)).toEqual(['b', 'd', 'b']);
  });
  it('lead from a folder of panels only to itself and the shared one; the frame puts all together', () => {
    const folder = (path: string): string | null => /^panels\/(\w+)\//.exec(path)?.[1] ?? null;
    const seen = new Set<string>();
    for (const [path, targets] of graph) {
      const own = folder(path);
      if (!own || own === 'frame') continue;
      seen.add(own);
      for (const target of targets)
        if (target.startsWith('panels/'))
          expect(['shared', own], `${path} imports ${target}`).toContain(folder(target));
    }
    expect([...seen].sort()).toEqual([
      'accounts',
      'browse',
      'compare',
      'data',
      'edit',
      'figures',
      'hotspots',
      'points',
      'progress',
      'query',
      'ranking',
      'report',
      'rounds',
      'saved',
      'share',
      'shared',
      'sites',
      'trial',
    ]);
  });
});
