// A trial zone: what it was when it began, what is assumed, and scenarios under names. It stands in the address.
import * as api from '../../api/shigu';
import { Problem } from '../../api/http';
import type { AssumedBody, SavedItem, TrialAnswer, TrialBody } from '../../api/types';
import { answersOf, bufferOf, dataset, question } from '../../state/data.svelte';
import { box, circleCorners, fromGeoJson, metres, type Outline, type Position } from '../../state/outline';
import { Resource } from '../../state/resource.svelte';
import { write } from '../../state/url';
import { EVERYWHERE, go, view } from '../../state/view.svelte';

export interface Kept {
  baseline: TrialBody['question'];
  assumed: AssumedBody[];
}
/** What is kept of a scenario: the question with its area, and the view that shows it. */
interface Scenario extends TrialBody {
  view: string;
}

/** What the address says; null where no trial is under way, or it cannot be read. */
function read(text: string | null): Kept | null {
  if (!text) return null;
  try {
    const value = JSON.parse(text) as Partial<Kept>;
    const fits = typeof value.baseline === 'object' && value.baseline !== null && Array.isArray(value.assumed);
    return fits ? (value as Kept) : null;
  } catch {
    return null;
  }
}
const rounded = (n: number, digits: number): number => Math.round(n * 10 ** digits) / 10 ** digits;

export const kept = (): Kept | null => read(view.trial);
const keep = (change: Partial<Kept>): void => {
  const now = kept();
  if (now) go({ trial: JSON.stringify({ ...now, ...change }) });
};
/** The area of the question without its conditions. */
function areaNow(): TrialBody['question'] {
  const { zone, polygon, circle, buffer, combine } = api.questionBody(question()) as Record<string, unknown>;
  return Object.fromEntries(
    Object.entries({ zone, polygon, circle, buffer, combine }).filter(([, value]) => value !== undefined),
  );
}
export const begin = (): void => go({ trial: JSON.stringify({ baseline: areaNow(), assumed: [] } satisfies Kept) });
export const end = (): void => go({ trial: null });
export const assume = (row: AssumedBody): void => keep({ assumed: [...(kept()?.assumed ?? []), row] });
export const leaveOut = (at: number): void => keep({ assumed: (kept()?.assumed ?? []).filter((_, i) => i !== at) });

/** What the server is asked. */
export function body(): TrialBody | null {
  const now = kept();
  return now && { question: api.questionBody(question()), baseline: now.baseline, assumed: now.assumed };
}

export const answer = new Resource<TrialAnswer>();
/** Keeps the answer in step with area and assumptions: one request at a time, the latest wins. */
export function followTrial(): void {
  $effect(() => {
    const [answers, asked] = [answersOf(), body()];
    if (!answers || !asked) return answer.empty();
    answer.load(JSON.stringify([answers, asked]), (signal) => api.trial(asked, signal));
  });
}

/** The area in one piece, so that it can be moved: its own outline, else that which the server has put together. */
function outline(): Outline | null {
  if (view.drawn && !view.combine.length) return view.drawn;
  const shape = answer.value?.zone.outline as { type: string; coordinates: unknown } | null | undefined;
  if (!shape) return null;
  return fromGeoJson((shape.type === 'Polygon' ? [shape.coordinates] : shape.coordinates) as Position[][][]);
}
/** The area with each position put elsewhere. A circle keeps centre and radius. */
function changed(place: (at: Position) => Position, factor: number): void {
  if (view.circle && !view.combine.length) {
    const [lon, lat] = place(view.circle.center);
    const radius = Math.min(50_000, Math.max(1, Math.round(view.circle.radius_m * factor)));
    return go({ ...EVERYWHERE, circle: { center: [rounded(lon, 5), rounded(lat, 5)], radius_m: radius } });
  }
  const now = outline();
  if (!now) return;
  const drawn = now.map((rings) =>
    rings.map((ring) => ring.map((at) => place(at).map((n) => rounded(n, 6)) as Position)),
  );
  go({ ...EVERYWHERE, drawn });
}
const middle = (): Position | null => {
  if (view.circle && !view.combine.length) return view.circle.center;
  const now = outline();
  if (!now) return null;
  const [west, south, east, north] = box(now);
  return [(west + east) / 2, (south + north) / 2];
};
/** Moves the area by metres east and north. */
export function shift(east: number, north: number): void {
  const at = middle();
  if (!at) return;
  const [width, height] = [metres(at, [at[0] + 0.01, at[1]]) * 100, metres(at, [at[0], at[1] + 0.01]) * 100];
  changed(([lon, lat]) => [lon + east / width, lat + north / height], 1);
}
/** Resizes the area about its middle. */
export function resize(factor: number): void {
  const at = middle();
  if (!at) return;
  changed(([lon, lat]) => [at[0] + (lon - at[0]) * factor, at[1] + (lat - at[1]) * factor], factor);
}
/** How far an arrow key moves the area: a twentieth of its width, in round metres. */
export function step(): number {
  const now =
    view.circle && !view.combine.length ? [[circleCorners(view.circle.center, view.circle.radius_m)]] : outline();
  if (!now) return 100;
  const [west, south, east] = box(now);
  const width = metres([west, south], [east, south]);
  return Math.max(10, Number((width / 20).toPrecision(1)));
}
export const backToStart = (): void => {
  const was = kept()?.baseline as
    | {
        zone?: string;
        circle?: typeof view.circle;
        buffer?: api.Near;
        polygon?: { coordinates: Position[][][] };
        combine?: [];
      }
    | undefined;
  if (!was) return;
  go({
    ...EVERYWHERE,
    zone: was.zone ?? null,
    circle: was.circle ?? null,
    buffer: was.buffer ? bufferOf(was.buffer) : null,
    drawn: was.polygon ? fromGeoJson(was.polygon.coordinates) : null,
    combine: (was.combine ?? []).map(
      (one: { op: 'union'; zone?: string; polygon?: { coordinates: Position[][][] } }) => ({
        op: one.op,
        zone: one.zone ?? null,
        outline: one.polygon ? fromGeoJson(one.polygon.coordinates) : null,
      }),
    ),
  });
};

export interface Row {
  id: string;
  title: string;
  /** What the server would be asked; null until it is fetched. */
  body: Scenario | null;
  tag: string | null;
  removes: boolean;
}
/** Columns that a file has room for. */
export const MOST_COMPARED = 4;
/** Scenarios under names: kept by the server, or for the time being where it keeps none. */
class Scenarios {
  rows = $state.raw<readonly Row[]>([]);
  /** Whether the server keeps what is saved. */
  lasting = $state(false);
  problem = $state.raw<Problem | null>(null);
  chosen = $state.raw<ReadonlySet<string>>(new Set());
  compared = $state.raw<readonly { title: string; asked: TrialBody; answer: TrialAnswer }[]>([]);

  async load(): Promise<void> {
    try {
      const list = await api.savedItems('scenario');
      this.lasting = list.saves;
      const own = this.rows.filter((row) => row.tag === null);
      const row = (item: SavedItem): Row => {
        const { id, title, tag, removes } = item;
        return { id, title, tag, removes, body: null };
      };
      this.rows = [...list.items.map(row), ...own];
    } catch (cause) {
      // where nothing is kept scenarios last as long as the page
      if (!(cause instanceof Problem)) throw cause;
      this.lasting = false;
    }
  }
  async save(title: string): Promise<void> {
    const asked = body();
    if (!asked) return;
    const scenario: Scenario = { ...asked, view: write(view) };
    this.problem = null;
    if (!this.lasting) {
      this.rows = [
        ...this.rows,
        { id: `page-${this.rows.length + 1}`, title, body: scenario, tag: null, removes: true },
      ];
      return;
    }
    try {
      await api.saveItem({ kind: 'scenario', title, body: scenario as unknown as Record<string, never> });
      await this.load();
    } catch (cause) {
      this.problem = Problem.of(cause);
    }
  }
  async remove(row: Row): Promise<void> {
    try {
      if (row.tag !== null) await api.removeItem(row.id, row.tag);
      this.rows = this.rows.filter((one) => one !== row);
      this.choose(row.id, false);
    } catch (cause) {
      this.problem = Problem.of(cause);
    }
  }
  choose(id: string, is: boolean): void {
    const next = new Set(this.chosen);
    if (is) next.add(id);
    else next.delete(id);
    this.chosen = next;
  }
  async #body(row: Row): Promise<Scenario> {
    return row.body ?? ((await api.savedItem(row.id)).body as unknown as Scenario);
  }
  async open(row: Row): Promise<void> {
    try {
      location.assign((await this.#body(row)).view || '?');
    } catch (cause) {
      this.problem = Problem.of(cause);
    }
  }
  /** What a file of those that are compared is asked with: the first, and the others beside it. */
  body(): TrialBody | null {
    const [first, ...others] = this.compared.slice(0, MOST_COMPARED).map(({ title, asked }) => ({ ...asked, title }));
    return first ? { ...first, beside: others } : null;
  }
  async compare(): Promise<void> {
    this.problem = null;
    try {
      const rows = this.rows.filter((row) => this.chosen.has(row.id));
      this.compared = await Promise.all(
        rows.map(async (row) => {
          const { question, baseline, assumed } = await this.#body(row);
          const asked = { question, baseline: baseline ?? null, assumed };
          // files choose their own
          const weights = (dataset.value?.metrics ?? []).map((metric) => metric.id);
          return { title: row.title, asked, answer: await api.trial({ ...asked, weights }) };
        }),
      );
    } catch (cause) {
      this.problem = Problem.of(cause);
    }
  }
}
export const scenarios = new Scenarios();
