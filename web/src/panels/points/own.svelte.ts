// The reader's own points: added, removed, kept in the browser, counted by the service.
import { Problem, save } from '../../api/http';
import { readPoints } from '../../api/points';
import type { OwnPointList, PointSet } from '../../api/types';
import { nameOf, pick } from '../../i18n';
import { say } from '../../i18n/points';
import { dots, mapState, showBox, showPoint } from '../../map/mapState.svelte';
import { answersOf, dataset, zoneOf } from '../../state/data.svelte';
import { Resource } from '../../state/resource.svelte';
import { keep, kept } from '../../state/storage';
import { csv } from '../shared/csv';

/** Most points, as the service has it. */
export const MOST = 5_000;
const LARGEST = 2_000_000;
const NONE: PointSet = { title: '', points: [] };

class Own {
  busy = $state(false);
  problem = $state.raw<Problem | null>(null);
  /** What was said of the last that were read, and how many came of it. */
  read = $state.raw<OwnPointList | null>(null);
  removed = $state.raw<PointSet | null>(null);
  /** The point that is pointed at or chosen, by its place. */
  pointed = $state<number | null>(null);
  kept = $state(true);
  counted = new Resource<OwnPointList>();

  #set(set: PointSet): void {
    const some = set.points.length > 0;
    mapState.points = some ? set : null;
    const text = some ? JSON.stringify(set) : '';
    keep('points', text);
    this.kept = (kept('points') ?? '') === text;
    this.pointed = null;
  }
  async add(bytes: Blob, crs: string, title = ''): Promise<boolean> {
    this.problem = null;
    this.read = null;
    this.removed = null;
    const own = mapState.points ?? NONE;
    const refuse = (code: string, text: string) => {
      this.problem = new Problem(-1, code, text);
      return false;
    };
    if (bytes.size > LARGEST) return refuse('large', say('large'));
    this.busy = true;
    try {
      const read = await readPoints(bytes, crs, new AbortController().signal);
      const points = read.points.map(({ name, at }) => ({ name, at: at as [number, number] }));
      if (own.points.length + points.length > MOST)
        return refuse('many', say('too.many', { most: MOST, n: own.points.length }));
      this.read = read;
      this.#set({ title: own.title || title, points: [...own.points, ...points] });
      this.fit(points);
      return true;
    } catch (cause) {
      this.problem = Problem.of(cause);
      return false;
    } finally {
      this.busy = false;
    }
  }
  /** Those of the open view become the reader's own. */
  take(): void {
    const [own, lent] = [mapState.points ?? NONE, mapState.lent];
    if (!lent) return;
    const points = [...own.points, ...lent.points];
    if (points.length > MOST) {
      this.problem = new Problem(-1, 'many', say('too.many', { most: MOST, n: own.points.length }));
      return;
    }
    this.#set({ title: own.title || lent.title, points });
  }
  rename(title: string): void {
    if (mapState.points) this.#set({ ...mapState.points, title: title.trim() });
  }
  remove(place: number): void {
    const own = mapState.points;
    if (!own) return;
    this.removed = own;
    this.#set({ ...own, points: own.points.filter((_, at) => at !== place) });
  }
  clear(): void {
    this.removed = mapState.points;
    this.read = null;
    this.#set(NONE);
  }
  undo(): void {
    if (this.removed) this.#set(this.removed);
    this.removed = null;
  }
  fit(points: PointSet['points'] = dots()?.points ?? []): void {
    // one that lies elsewhere leaves the others where they can be seen
    const box = dataset.value?.bounds;
    const near = points.filter(
      ({ at: [x, y] }) => box && x > box[0]! - 1 && x < box[2]! + 1 && y > box[1]! - 1 && y < box[3]! + 1,
    );
    if (near.length) points = near;
    if (!points.length) return;
    if (points.length === 1) return showPoint(points[0]!.at, 0);
    const [lons, lats] = [points.map(({ at }) => at[0]), points.map(({ at }) => at[1])];
    const least = (all: number[]) => all.reduce((a, b) => Math.min(a, b));
    const most = (all: number[]) => all.reduce((a, b) => Math.max(a, b));
    const [west, south, east, north] = [least(lons), least(lats), most(lons), most(lats)];
    showBox([west - 0.005, south - 0.005, east + 0.005, north + 0.005]);
  }
  show(place: number): void {
    const point = dots()?.points[place];
    this.pointed = place;
    if (point) showPoint(point.at, 0);
  }
  /** Counts those that are shown, of the data as it is; call in a component. */
  follow(): void {
    $effect(() => {
      const [points, of] = [dots()?.points, answersOf()];
      if (!points?.length || !of) return this.counted.empty();
      const lines = points.map(({ at }) => `${at[0].toFixed(7)},${at[1].toFixed(7)}`).join('\n');
      this.counted.load(`${of} ${lines}`, (signal) => readPoints(new Blob([lines]), 'wgs84', signal));
    });
  }
  /** As a table with the zones that hold each, a column for each kind. */
  file(): void {
    const [set, counted] = [dots(), this.counted.value];
    if (!set || !counted) return;
    const kinds = dataset.value?.zone_kinds ?? [];
    const zones = (place: number, kind: string) =>
      (counted.points[place]?.zones ?? []).flatMap((id) => {
        const zone = zoneOf(id);
        const named = counted.zones.find((one) => one.id === id);
        return (named?.zone_kind ?? zone?.zone_kind) === kind ? [nameOf(named ?? zone!)] : [];
      });
    const head = [say('column'), say('lon'), say('lat'), ...kinds.map((kind) => pick(kind.title))];
    const rows = set.points.map(({ name, at }, place) => [
      name || say('unnamed', { n: place + 1 }),
      ...at.map((n) => Number(n.toFixed(7))),
      ...kinds.map((kind) => zones(place, kind.id).join('; ')),
    ]);
    save({ name: `${set.title || 'points'}.csv`, bytes: new Blob([csv([head, ...rows])], { type: 'text/csv' }) });
  }
}
export const own = new Own();
