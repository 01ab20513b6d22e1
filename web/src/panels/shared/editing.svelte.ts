// The draft of whoever edits, as the server keeps it: each change is sent at once, so a reload or a restart loses none.
import { Problem } from '../../api/http';
import * as api from '../../api/shigu';
import type { Draft, DraftChange, DraftSummary, EditBody, KeyedEdit, Queryable, Version } from '../../api/types';
import { mapState } from '../../map/mapState.svelte';
import type { Shape } from '../../map/vertices';
import { dataset, renew } from '../../state/data.svelte';
import { lang } from '../../state/view.svelte';

type Values = Record<string, unknown>;
/** What the form is about: a row that is there, or a new one. */
export interface Subject {
  key: string;
  collection: string;
  id: string | null;
  name: string;
  /** Whether it is a feature of a collection that is no table. */
  feature: boolean;
}
/** The fields of a collection. */
export type Schema = Readonly<Record<string, Queryable>>;

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);

class Editing {
  open = $state(false);
  draft = $state.raw<Draft | null>(null);
  /** Drafts of others that wait for somebody who may publish them. */
  waiting = $state.raw<readonly DraftSummary[]>([]);
  /** The draft of another that is looked at. */
  other = $state.raw<Draft | null>(null);
  problem = $state.raw<Problem | null>(null);
  busy = $state(false);
  made = $state.raw<Version | null>(null);
  /** What is in the form; null: the list of changes is shown. */
  subject = $state.raw<Subject | null>(null);
  /** What the data hold of it. */
  was = $state.raw<Values>({});
  wasAt = $state.raw<readonly [number, number] | null>(null);
  wasShape = $state.raw<Shape | null>(null);
  /** The fields of the collections that drafts change features of. */
  schemas = $state.raw<Readonly<Record<string, Schema>>>({});
  /** The layout that is changed, by the owner of its draft; null: the own draft is. */
  layout = $state<string | null>(null);
  #own: string | null = null;

  /** What the draft says of a row so far. */
  changeOf = (key: string): DraftChange | null => this.draft?.changes.find((one) => one.key === key) ?? null;

  /** Whether a collection has features that are edited, not rows of a table. */
  isFeatures = (collection: string): boolean =>
    dataset.value?.collections.some((one) => one.id === collection && (one.editable || one.replaceable)) ?? false;

  async schemaOf(collection: string): Promise<void> {
    if (this.schemas[collection]) return;
    const found = await api.queryables(collection, lang());
    this.schemas = { ...this.schemas, [collection]: found.properties };
  }

  async load(): Promise<void> {
    await this.#asking(async () => {
      const list = await api.drafts();
      this.#own = this.layout ?? list.own;
      this.waiting = list.drafts.filter((one) => one.owner !== list.own);
      this.draft = await this.#known(await api.draft(this.#own));
    });
  }

  /** What the draft says of a row or feature, to be sent again. */
  bodyOf = (change: DraftChange): EditBody => ({
    collection: change.collection,
    id: change.id ?? null,
    new_id: change.new_id ?? null,
    values: change.values as Values,
    position: (change.position as [number, number] | null | undefined) ?? null,
    geometry: change.geometry ?? null,
    remove: change.remove,
    successor: change.successor ?? null,
    official: change.official ?? null,
    settled: [],
  });

  /** Opens the form for a row. */
  async correct(collection: string, id: string, name: string): Promise<void> {
    this.open = true;
    this.made = this.other = null;
    await this.#asking(async () => {
      if (!this.draft) await this.load();
      const row = await api.item(collection, id);
      this.was = row.properties;
      this.wasAt = row.geometry?.type === 'Point' ? (row.geometry.coordinates as [number, number]) : null;
      this.wasShape = (row.geometry as Shape | null | undefined) ?? null;
      const feature = this.isFeatures(collection);
      if (feature) await this.schemaOf(collection);
      this.subject = { key: `${collection}:${id}`, collection, id, name, feature };
    });
  }

  add(collection: string): void {
    this.open = true;
    this.made = this.other = null;
    [this.was, this.wasAt, this.wasShape] = [{}, null, null];
    const key = `${collection}+${crypto.randomUUID?.() ?? String(Date.now())}`;
    const feature = this.isFeatures(collection);
    if (feature) void this.#asking(() => this.schemaOf(collection));
    this.subject = { key, collection, id: null, name: '', feature };
  }

  /** Opens the form for a change of the draft. */
  async again(change: DraftChange): Promise<void> {
    if (change.id) await this.correct(change.collection, change.id, change.name);
    else {
      this.add(change.collection);
      const feature = this.isFeatures(change.collection);
      this.subject = { key: change.key, collection: change.collection, id: null, name: change.name, feature };
    }
  }

  leave(): void {
    this.subject = null;
    mapState.placing = false;
    mapState.hot = null;
  }

  /** Sends what becomes of the row in the form; it stays open where something is wrong with it. */
  async put(values: Values, position: readonly [number, number] | null): Promise<void> {
    const subject = this.subject;
    if (!subject) return;
    const changed = Object.fromEntries(Object.entries(values).filter(([name, value]) => !same(value, this.was[name])));
    const moved = position && !same(position, this.wasAt) ? ([...position] as [number, number]) : null;
    const before = this.changeOf(subject.key);
    const geometry = before?.geometry ?? null;
    const new_id = before?.new_id ?? null;
    if (subject.id && !Object.keys(changed).length && !moved && !geometry) {
      if (this.changeOf(subject.key)) await this.withdraw(subject.key);
      return this.leave();
    }
    const { collection, id } = subject;
    const body = { collection, id, new_id, values: changed, position: moved, geometry, remove: false, settled: [] };
    await this.#send(subject.key, body);
    const after = this.changeOf(subject.key);
    if (!this.problem && after?.class !== 'problem' && !after?.findings.length) this.leave();
  }

  /** What the draft makes of a feature with another geometry. */
  reshaped(subject: Pick<Subject, 'key' | 'collection' | 'id'>, geometry: Shape): KeyedEdit {
    const before = this.changeOf(subject.key);
    const { key, collection, id } = subject;
    const values = (before?.values ?? {}) as Values;
    const new_id = before?.new_id ?? null;
    const edit = {
      collection,
      id,
      new_id,
      values,
      position: null,
      geometry: { ...geometry },
      remove: false,
      settled: [],
    };
    return { key, edit };
  }

  /** Sends what becomes of several features: one step of the draft, which undo takes back. */
  async step(changes: readonly KeyedEdit[]): Promise<void> {
    const [one] = changes;
    if (changes.length === 1 && one?.edit) await this.#send(one.key, one.edit);
    else await this.#changing(() => api.putChanges(this.#own!, changes, this.draft!.tag));
  }

  /** All areas of a layer become those of a file: one step of the draft. */
  async replace(collection: string, file: File, said: Record<string, string>): Promise<void> {
    await this.#changing(() => api.replaceAreas(this.#own!, collection, file, said, this.draft!.tag));
  }

  async remove(): Promise<void> {
    const subject = this.subject;
    if (!subject) return;
    const { collection, id } = subject;
    if (id)
      await this.#send(subject.key, {
        collection,
        id,
        values: {},
        position: null,
        geometry: null,
        remove: true,
        settled: [],
      });
    else if (this.changeOf(subject.key)) await this.withdraw(subject.key);
    if (!this.problem) this.leave();
  }

  /** Decides a conflict: the own value counts, or that of the other, which is then no change. */
  async settle(change: DraftChange, property: string | null, mine: boolean): Promise<void> {
    const decided = (one: DraftChange): KeyedEdit => {
      const edit = this.bodyOf(one);
      if (mine) return { key: one.key, edit: { ...edit, settled: [property ?? 'geometry'] } };
      if (property) delete (edit.values = { ...edit.values })[property];
      else edit.position = edit.geometry = null;
      const nothing = !Object.keys(edit.values).length && !edit.position && !edit.geometry;
      const gone = edit.remove || !one.id || one.conflicts.some((each) => each.gone);
      return { key: one.key, edit: nothing || gone ? null : edit };
    };
    // what was made together stands or falls together: a border is that of both its sides
    const all = property || mine ? [change] : this.together(change);
    await this.step(all.map(decided));
  }

  /** The changes that gave features their geometry by one step, or took them away. */
  together = (change: DraftChange): readonly DraftChange[] =>
    (this.other ?? this.draft)?.changes.filter((one) => one.step === change.step) ?? [change];

  async withdraw(key: string): Promise<void> {
    await this.#changing(() => api.withdrawChange(this.#own!, key, this.draft!.tag));
  }
  async turn(what: 'undo' | 'redo'): Promise<void> {
    await this.#changing(async () =>
      this.draft![what] ? api.turnDraft(this.#own!, what, this.draft!.tag) : this.draft!,
    );
  }
  async submit(note: string): Promise<void> {
    await this.#changing(() => api.submitDraft(this.#own!, note, this.draft!.tag));
  }
  async takeBack(): Promise<void> {
    await this.#changing(() => api.returnDraft(this.#own!, '', this.draft!.tag));
  }
  async drop(): Promise<void> {
    await this.#asking(async () => {
      await api.dropDraft(this.#own!, this.draft!.tag);
      await this.load();
    });
  }

  /** Saves a draft as a version: the own one, or that of another which is looked at. */
  async publish(note: string): Promise<void> {
    const draft = this.other ?? this.draft;
    if (!draft) return;
    await this.#asking(async () => {
      this.made = await api.publishDraft(draft.owner, note, draft.tag);
      this.other = null;
      this.leave();
      renew();
    });
    await this.#refresh();
  }

  async look(owner: string): Promise<void> {
    await this.#asking(async () => {
      this.other = await this.#known(await api.draft(owner));
      this.subject = this.made = null;
    });
  }
  async giveBack(note: string): Promise<void> {
    const draft = this.other;
    if (!draft) return;
    await this.#asking(async () => {
      await api.returnDraft(draft.owner, note, draft.tag);
      this.other = null;
    });
    await this.#refresh();
  }

  /** The draft again, and what is said of the last step stays in sight. */
  async #refresh(): Promise<void> {
    const said = this.problem;
    await this.load();
    this.problem = said ?? this.problem;
  }

  async #send(key: string, body: EditBody): Promise<void> {
    await this.#changing(() => api.putChange(this.#own!, key, body, this.draft!.tag));
  }

  /** A draft with the fields of the collections that it changes. */
  async #known(draft: Draft): Promise<Draft> {
    const all = new Set(draft.changes.map((one) => one.collection).filter(this.isFeatures));
    for (const collection of all) await this.schemaOf(collection);
    return draft;
  }

  /** Changes of the draft, one after the other: each names the draft as the one before has left it. */
  #last: Promise<void> = Promise.resolve();
  #changing(work: () => Promise<Draft>): Promise<void> {
    return (this.#last = this.#last.then(() => this.#change(work)));
  }
  async #change(work: () => Promise<Draft>): Promise<void> {
    this.made = null;
    await this.#asking(async () => void (this.draft = await this.#known(await work())));
    // changed in another window: that one is shown, and the step can be repeated
    if (this.problem && [409, 412].includes(this.problem.status)) await this.#refresh();
  }

  async #asking(work: () => Promise<void>): Promise<void> {
    this.busy = true;
    this.problem = null;
    try {
      await work();
    } catch (cause) {
      this.problem = Problem.of(cause);
    } finally {
      this.busy = false;
    }
  }
}

export const editing = new Editing();
