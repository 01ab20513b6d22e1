// The layout law of src/: who may import whom, who may fetch, and one opening comment a file.
import { describe, expect, it } from 'vitest';
import { sources } from './sources';

const floors = ['api', 'state', 'i18n', 'map', 'panels'];
const roomOf = (path: string): string => (path.includes('/') ? path.split('/')[0]! : 'main');

describe('the house', () => {
  it.each(sources.filter((one) => !one.path.endsWith('.css')))('$path imports lower floors only', ({ path, text }) => {
    const own = floors.indexOf(roomOf(path));
    for (const [, room] of text.matchAll(/from '\.\.\/(\w+)/g)) {
      if (own >= 0) expect(floors.indexOf(room!), `${path} imports ${room}`).toBeLessThanOrEqual(own);
    }
  });
  it.each(sources)('$path opens with a comment saying what it is for', ({ text }) => {
    expect(text).toMatch(/^(\/\/ .{15,}|<!-- .{15,} -->|\/\* .{15,} \*\/|\/\*\*?\s)/);
  });
  it('only api fetches, only map knows the map library', () => {
    for (const { path, text } of sources) {
      if (roomOf(path) !== 'api') expect(text, path).not.toMatch(/\bfetch\(|XMLHttpRequest/);
      if (roomOf(path) !== 'map') expect(text, path).not.toMatch(/maplibre/);
    }
  });
  it('no inline style or script that the CSP would refuse', () => {
    for (const { path, text } of sources) {
      if (path.endsWith('.svelte')) expect(text, path).not.toMatch(/\sstyle="|\{@html/);
    }
  });
});
