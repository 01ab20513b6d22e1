// Nothing in src/ names what one dataset holds: its metrics, kinds of zones, collections, layers, clusters, places.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { sources } from './sources';

interface Manifest {
  zone_kinds?: { id: string; title: Record<string, string> }[];
  layer_groups?: { id: string; title: Record<string, string> }[];
  collections: { id: string; register?: { metrics: { id: string; title: Record<string, string> }[] } }[];
}
const read = (path: string) => JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')) as Manifest;
const manifests = [
  '../../geodata/hangzhou/dataset.json',
  ...readdirSync(new URL('../../tests/data', import.meta.url)).map((one) => `../../tests/data/${one}/dataset.json`),
].flatMap((path) => {
  try {
    return [read(path)];
  } catch {
    return [];
  }
});

/** Ids that are also words of the code. */
const ALLOWED = new Set([
  // roles of collections
  'districts',
  'layout',
  'platforms',
  'lead',
  // pictures: of a platform, and the symbol of a layer group; also a layer of other people's base maps
  'platform',
  'water',
  // a kind of hot spots on the wire
  'areas',
  // a class of other people's base maps
  'park',
  // classes of the style sheet
  'floor',
  'frame',
]);
const ids = new Set(
  manifests
    .flatMap((one) => [
      ...(one.zone_kinds ?? []).map((kind) => kind.id),
      ...(one.layer_groups ?? []).map((group) => group.id),
      ...one.collections.map((collection) => collection.id),
      ...one.collections.flatMap((collection) => (collection.register?.metrics ?? []).map((metric) => metric.id)),
    ])
    .filter((id) => !ALLOWED.has(id)),
);
/** Words of one city, in any form. */
const WORDS =
  /revenue|employees|platform-zones|lead-enterprises|corridor|\bbelt\b|ai_\w+|hangzhou|\beight clusters|营业收入|营收|从业|区县|八大|八类|一轴|一带|走廊|廊道|杭州|人工智能/iu;

const code = sources.filter((one) => !one.path.endsWith('.css'));

describe('names of one dataset', () => {
  it('are known from the manifests', () => {
    expect(manifests.length).toBeGreaterThanOrEqual(3);
    for (const id of ['revenue', 'employees', 'corridor', 'axis', 'belt', 'campus', 'valley', 'tax', 'patents'])
      expect(ids).toContain(id);
  });
  it('stand nowhere as values', () => {
    const found = code.flatMap(({ path, text }) =>
      [...text.matchAll(/(['"`])([a-z][\w-]*)\1/g)]
        .filter((one) => ids.has(one[2]!))
        .map((one) => `${path}: ${one[2]}`),
    );
    expect(found).toEqual([]);
  });
  it('stand nowhere as words', () => {
    const found = code.flatMap(({ path, text }) =>
      text.split('\n').flatMap((line) => (WORDS.test(line) ? [`${path}: ${line.trim()}`] : [])),
    );
    expect(found).toEqual([]);
  });
});
