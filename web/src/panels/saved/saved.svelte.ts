// What is kept under a name on the server: the list, what is open, and what is done to it.
import { Problem, save as saveFile } from '../../api/http';
import * as kept from '../../api/saved';
import * as api from '../../api/shigu';
import type { Annotation, NewSaved, SavedContent, SavedItem, SavedList, SavedView } from '../../api/types';
import { dots, mapInstance, mapState } from '../../map/mapState.svelte';
import { question } from '../../state/data.svelte';
import { shownLayers } from '../../state/layers.svelte';
import { Resource } from '../../state/resource.svelte';
import { read, write } from '../../state/url';
import { EVERYWHERE, go, lang, steps, view } from '../../state/view.svelte';

/** What the form is about: a new area or view, or an item that is changed. */
export interface Form {
  kind: SavedItem['kind'];
  item: SavedItem | null;
  title: string;
  folder: string;
  note: string;
  shared: boolean;
  /** Whether a view takes on what the page shows now. */
  refresh: boolean;
}

class Saved {
  list = new Resource<SavedList>();
  /** The view that is open, with what it holds. */
  opened = new Resource<SavedItem>();
  /** What is written on the map now. */
  get notes(): readonly Annotation[] {
    return mapState.notes;
  }
  set notes(notes: readonly Annotation[]) {
    mapState.notes = notes;
  }
  form = $state<Form | null>(null);
  busy = $state(false);
  problem = $state.raw<Problem | null>(null);
  /** What another has made of the item in the meantime. */
  current = $state.raw<SavedItem | null>(null);
  /** What was removed last, and can be restored. */
  removed = $state.raw<SavedItem | null>(null);
  /** How many pages are being drawn. */
  printing = $state(0);
  #turn = 0;

  load(): void {
    this.list.load(`saved ${this.#turn}`, (signal) => kept.savedItems(signal));
  }
  again(): void {
    this.#turn += 1;
    this.load();
  }
  get items(): readonly SavedItem[] {
    return this.list.value?.items ?? [];
  }
  /** The views that are shown in order with one: those of its folder. */
  briefing(id: string | null): readonly SavedItem[] {
    const one = this.items.find((item) => item.id === id);
    return one ? this.items.filter((item) => item.kind === 'view' && item.folder === one.folder) : [];
  }

  /** Does something to what is kept; whether it was done. */
  async act<T>(work: () => Promise<T>): Promise<T | null> {
    this.busy = true;
    this.problem = null;
    try {
      const done = await work();
      this.again();
      return done;
    } catch (cause) {
      this.problem = Problem.of(cause);
      return null;
    } finally {
      this.busy = false;
    }
  }

  begin(kind: 'area' | 'view', title: string): void {
    this.problem = null;
    this.current = null;
    this.removed = null;
    const folder = this.items.find((item) => item.id === view.saved)?.folder ?? '';
    this.form = { kind, item: null, title, folder, note: '', shared: false, refresh: false };
  }
  edit(item: SavedItem): void {
    const { kind, title, folder, note, shared } = item;
    this.problem = null;
    this.current = null;
    this.form = { kind, item, title, folder, note, shared, refresh: false };
  }

  async keep(): Promise<void> {
    const form = this.form;
    if (!form) return;
    const { kind, item, title, folder, note, shared, refresh } = form;
    const said = { title, folder, note, shared };
    const done = await this.act(async () => {
      if (!item)
        return kept.addSaved({ kind, ...said, body: kind === 'area' ? areaNow() : viewNow(this.notes) } as NewSaved);
      const body = refresh ? viewNow(this.notes) : (await kept.savedItem(item.id)).body;
      return kept.changeSaved(item.id, item.tag, { ...said, body } as SavedContent);
    });
    if (done) {
      this.form = null;
      this.current = null;
      if (kind === 'view') {
        this.opened.empty();
        go({ saved: done.id }, false);
      } else if (!item) go({ ...EVERYWHERE, zone: `saved:${done.id}` });
    } else if (this.problem?.status === 412 && item) {
      this.current = await kept.savedItem(item.id).catch(() => null);
      // what is sent next is a change of what is kept now
      if (this.current) this.form = { ...form, item: this.current };
      this.again();
    }
  }

  async remove(item: SavedItem): Promise<void> {
    const done = await this.act(async () => {
      await kept.removeSaved(item.id, item.tag);
      return true;
    });
    if (!done) return this.again();
    this.removed = item;
    if (view.saved === item.id) this.shut();
    if (view.zone === `saved:${item.id}`) go(EVERYWHERE);
  }
  async restore(): Promise<void> {
    const item = this.removed;
    if (item && (await this.act(() => kept.restoreSaved(item.id)))) this.removed = null;
  }
  /** Moves an item among those of its folder. */
  move(item: SavedItem, by: -1 | 1): void {
    const ids = this.items.filter((one) => one.folder === item.folder && one.changes).map((one) => one.id);
    const from = ids.indexOf(item.id);
    const to = from + by;
    if (from < 0 || to < 0 || to >= ids.length) return;
    ids.splice(to, 0, ...ids.splice(from, 1));
    void this.act(() => kept.orderSaved(item.folder, ids));
  }
  renameFolder(folder: string, name: string): void {
    const ids = this.items.filter((one) => one.folder === folder && one.changes).map((one) => one.id);
    if (ids.length && name.trim() !== folder) void this.act(() => kept.orderSaved(name, ids));
  }

  /** Opens an item: an area as the area in question, a view as it was saved. */
  async open(item: SavedItem): Promise<void> {
    if (item.kind === 'area') return go({ ...EVERYWHERE, zone: `saved:${item.id}` });
    if (item.kind !== 'view') return;
    const whole = await kept.savedItem(item.id).catch((cause: unknown) => {
      this.problem = Problem.of(cause);
      return null;
    });
    const body = whole?.body as SavedView | undefined;
    if (!body) return;
    const { theme, lang: language, plain } = view;
    go({ ...read(new URL(body.target, location.href)), theme, lang: language, plain, embed: false, saved: item.id });
    // the map goes where the view says, as when the reader goes back
    steps.back += 1;
  }
  step(by: -1 | 1): void {
    const all = this.briefing(view.saved);
    const next = all[all.findIndex((one) => one.id === view.saved) + by];
    if (next) void this.open(next);
  }
  shut(): void {
    this.notes = [];
    mapState.lent = null;
    go({ saved: null });
  }
  async print(items: readonly SavedItem[], title: string): Promise<void> {
    this.printing = items.length;
    this.problem = null;
    try {
      saveFile(
        await kept.savedBriefing(
          items.map((one) => one.id),
          title,
          lang(),
        ),
      );
    } catch (cause) {
      this.problem = Problem.of(cause);
    } finally {
      this.printing = 0;
    }
  }
  async layer(): Promise<void> {
    try {
      saveFile(await kept.savedLayer());
    } catch (cause) {
      this.problem = Problem.of(cause);
    }
  }
}
export const saved = new Saved();

/** The area in question, as it is kept. */
function areaNow(): unknown {
  const { zone, polygon, circle, buffer, combine } = api.asBody(question());
  return {
    ...(zone ? { zone } : {}),
    ...(polygon ? { polygon } : {}),
    ...(circle ? { circle } : {}),
    ...(buffer ? { buffer } : {}),
    ...(combine ? { combine } : {}),
  };
}

/** The page as it is, with what draws the same on paper. */
function viewNow(annotations: readonly Annotation[]): SavedView {
  const target = write({ ...view, theme: null, lang: null, plain: false, embed: false, data: null, saved: null });
  const bounds = mapInstance.map?.getBounds().toArray().flat();
  const map = new URLSearchParams({
    crs: '[EPSG:3857]',
    layers: shownLayers(),
    ...(bounds ? { bbox: bounds.map((n) => n.toFixed(6)).join(',') } : {}),
    ...(view.choropleth ? { choropleth: view.choropleth } : {}),
    ...(view.table ? { table: view.table } : {}),
  });
  const { outline: _, ...asked } = api.asBody(question());
  const points = dots();
  return {
    target: target || '?mode=browse',
    map: map.toString(),
    question: asked,
    annotations: [...annotations],
    ...(points && { points: { title: points.title, points: points.points.map(({ name, at }) => ({ name, at })) } }),
  };
}
