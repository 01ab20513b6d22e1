// The layers of src/: which folder may import which, who may fetch, and one opening comment a file.
import { existsSync } from 'node:fs';
import { posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sources } from './sources';

const layers = ['api', 'state', 'i18n', 'map', 'panels'];
/** The layer of a path below src/: its first folder, which may be imported by its name alone. */
const layerOf = (path: string): string =>
  layers.find((layer) => path === layer || path.startsWith(`${layer}/`)) ?? 'main';

/** Relative imports of a file as paths below src/, whatever their depth: `from`, side effects, `import()`, type imports. */
function importsOf(path: string, text: string): string[] {
  const found = text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*['"](\.[^'"]*)['"]/g);
  return [...found].map(([, target]) => posix.normalize(posix.join(posix.dirname(path), target!)));
}

/** What a file may not import, out of what it does. The entry file is above all layers. */
function upwards(path: string, text: string): string[] {
  const own = layers.indexOf(layerOf(path));
  if (own < 0) return [];
  return importsOf(path, text).filter((target) => {
    const other = layers.indexOf(layerOf(target));
    return other < 0 || other > own;
  });
}

const code = sources.filter((one) => !one.path.endsWith('.css'));

describe('layers of src', () => {
  it('the sources are found, in every layer', () => {
    expect([...new Set(code.map((one) => layerOf(one.path)))].sort()).toEqual([...layers, 'main'].sort());
    expect(code.filter((one) => layerOf(one.path) === 'main' && one.path.includes('/'))).toEqual([]);
  });
  it('an import that goes up is seen at any depth and in any form', () => {
    expect(upwards('api/a.ts', "import { b } from '../panels/b';")).toEqual(['panels/b']);
    expect(upwards('map/pair/a.ts', "import { b } from '../../panels/b';")).toEqual(['panels/b']);
    expect(upwards('map/pair/deep/a.ts', "export * from '../../../panels/task/b';")).toEqual(['panels/task/b']);
    expect(upwards('state/a.ts', "import { t } from '../i18n';")).toEqual(['i18n']);
    expect(upwards('state/a.ts', "import '../main.svelte';")).toEqual(['main.svelte']);
    expect(upwards('state/x/a.ts', "type B = import('../../map/b').B;")).toEqual(['map/b']);
    expect(upwards('state/a.ts', "import type {\n  B,\n} from '../map/b';")).toEqual(['map/b']);
    expect(upwards('panels/task/a.ts', "import { b } from '../../map/b'; import './c'; import '../d';")).toEqual([]);
  });
  it.each(code)('$path imports its own layer and lower ones only', ({ path, text }) => {
    expect(upwards(path, text)).toEqual([]);
  });
  it('every relative import is a file, so none is overlooked', () => {
    const root = new URL('../src/', import.meta.url).pathname;
    const missing = code.flatMap(({ path, text }) =>
      importsOf(path, text)
        .filter(
          (target) => !['', '.ts', '.d.ts', '.svelte.ts', '/index.ts'].some((end) => existsSync(root + target + end)),
        )
        .map((target) => `${path}: ${target}`),
    );
    expect(missing).toEqual([]);
  });
  it.each(sources)('$path opens with a comment saying what it is for', ({ text }) => {
    expect(text).toMatch(/^(\/\/ .{15,}|<!-- .{15,} -->|\/\* .{15,} \*\/|\/\*\*?\s)/);
  });
  it('only api fetches, only map knows the map library', () => {
    for (const { path, text } of sources) {
      if (layerOf(path) !== 'api') expect(text, path).not.toMatch(/\bfetch\(|XMLHttpRequest/);
      if (layerOf(path) !== 'map') expect(text, path).not.toMatch(/maplibre/);
    }
  });
  it('no inline style or script that the CSP would refuse', () => {
    for (const { path, text } of sources) {
      if (path.endsWith('.svelte')) expect(text, path).not.toMatch(/\sstyle="|\{@html/);
    }
  });
});
