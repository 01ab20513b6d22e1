// What was found, for the panel and the map alike: one answer to the address.
import { untrack } from 'svelte';
import { address } from '../../api/http';
import { asParameter } from '../../api/period';
import * as api from '../../api/shigu';
import type { DensityFound, HexagonsFound, HotAreasFound } from '../../api/types';
import { answersOf, dataset, period } from '../../state/data.svelte';
import { clusterColumn } from '../../state/description';
import { type Hotspots, parse } from '../../state/hotspots';
import { Resource } from '../../state/resource.svelte';
import { lang, view } from '../../state/view.svelte';

export type Found =
  | { kind: 'areas'; answer: HotAreasFound }
  | { kind: 'hexagons'; answer: HexagonsFound }
  | { kind: 'density'; answer: DensityFound };

export const found = new Resource<Found>();
/** What the server is doing, of areas that are waited for. */
export const doing = $state({ stage: null as string | null });

/** Areas by HDBSCAN* take seconds where there are many rows: what is done is told, and who goes on ends it. */
const watched = (of: ReturnType<typeof params>, signal: AbortSignal): Promise<HotAreasFound> =>
  new Promise((done, failed) => {
    doing.stage = null;
    const stop = api.followAreas(
      of,
      done,
      // asked again as usual, the answer says why
      () => api.hotspots('areas', of, signal).then((answer) => done(answer as HotAreasFound), failed),
      (event) => (doing.stage = (JSON.parse(event.data) as { stage: string }).stage),
    );
    signal.addEventListener('abort', () => (stop(), failed(new DOMException('stopped', 'AbortError'))), { once: true });
  });
/** The feature that the reader points at. */
export const pointed = $state({ id: null as string | null });
export const wanted = (): Hotspots | null => parse(view.hot);

/** The question of an address; of distances the class is compared with all, so that it is no condition. */
export const params = ({ kind, chosen }: Hotspots) => ({
  table: view.table,
  zone: view.zone,
  ...asParameter(period()),
  [clusterColumn(dataset.value)]: kind === 'distances' ? null : view.cluster,
  filter: view.filter,
  ...chosen,
});

/** Keeps the answer in step with the address; call in a component. */
export function followFound(): void {
  $effect(() => {
    const [answers, asked] = [dataset.value?.register ? answersOf() : null, wanted()];
    if (!answers || !asked || asked.kind === 'distances') return untrack(() => found.empty());
    const of = params(asked);
    untrack(() =>
      found.load(JSON.stringify([answers, asked.kind, of]), async (signal) => {
        const long = asked.kind === 'areas' && asked.chosen.method === 'hdbscan';
        const answer = long ? watched(of, signal) : api.hotspots(asked.kind, of, signal);
        return { kind: asked.kind, answer: await answer } as Found;
      }),
    );
  });
}

/** Where the answer is as a file; of distances that of a class. */
export const fileOf = (form: 'geojson' | 'csv' | 'docx' | 'pdf', of?: string): string => {
  const asked = wanted();
  if (!asked) return '';
  return address(`hotspots/${asked.kind}`, { ...params(asked), ...(of ? { class: of } : {}), f: form, lang: lang() });
};
