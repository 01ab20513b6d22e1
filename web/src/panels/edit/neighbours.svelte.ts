// The features beside the one in the form, as the draft makes them: those whose borders move with it, and those it can become one with.
import { Problem } from '../../api/http';
import * as api from '../../api/shigu';
import { type Beside, beside, hasGround } from '../../map/borders';
import type { Shape } from '../../map/vertices';
import { dataset } from '../../state/data.svelte';
import { editing, type Subject } from '../shared/editing.svelte';
import { titleOf } from '../shared/scope.svelte';

/** Features of a collection at most: as many as an answer has. */
const MOST = 10_000;
export interface Neighbour extends Beside {
  collection: string;
  /** Its id; null where the draft adds it. */
  id: string | null;
}
type Row = Omit<Neighbour, 'paths'>;

class Neighbours {
  #rows = $state.raw<Readonly<Record<string, readonly Row[]>>>({});
  problem = $state.raw<Problem | null>(null);

  /** The collections whose zones share no ground with those of a collection; none where zones may overlap. */
  partition = (collection: string): readonly string[] =>
    dataset.value?.zone_kinds.find((kind) => kind.partition && kind.collections.includes(collection))?.collections ??
    [];

  #key = (collection: string): string => `${dataset.value?.revision} ${collection}`;

  async load(collection: string): Promise<void> {
    this.problem = null;
    for (const each of new Set([collection, ...this.partition(collection)])) {
      const key = this.#key(each);
      if (this.#rows[key]) continue;
      try {
        const { features } = await api.items(each, { limit: MOST });
        const rows = features.map((one) => ({
          key: `${each}:${one.id}`,
          collection: each,
          id: one.id,
          name: titleOf(one.properties, each) || one.id,
          shape: one.geometry as Shape,
        }));
        this.#rows = { ...this.#rows, [key]: rows.filter((one) => hasGround(one.shape)) };
      } catch (cause) {
        this.problem = Problem.of(cause);
      }
    }
  }

  /** The others of its collection, and where these are a partition all of that. */
  of(subject: Subject): Neighbour[] {
    const changes = editing.draft?.changes ?? [];
    const of = [...new Set([subject.collection, ...this.partition(subject.collection)])];
    const there = of.flatMap((each) => this.#rows[this.#key(each)] ?? []);
    const changed = new Map(changes.map((one) => [one.key, one]));
    const rows = there.flatMap((row): Row[] => {
      const change = changed.get(row.key);
      if (change?.remove) return [];
      return [{ ...row, name: change?.name || row.name, shape: (change?.geometry as Shape | null) ?? row.shape }];
    });
    const added = changes.flatMap(({ key, collection, id, name, geometry, remove }): Row[] =>
      !id && geometry && !remove && of.includes(collection) && hasGround(geometry as unknown as Shape)
        ? [{ key, collection, id: null, name: name || key, shape: geometry as unknown as Shape }]
        : [],
    );
    return [...rows, ...added]
      .filter((row) => row.key !== subject.key)
      .map((row) => ({ ...row, ...beside(row.key, row.shape, row.name) }));
  }
}
export const neighbours = new Neighbours();
