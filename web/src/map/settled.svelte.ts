// What of the View the map shows: figures come first, the map follows them.
import type { Feature } from '../api/types';
import { base, focus, picked, split } from '../state/data.svelte';
import { view } from '../state/view.svelte';

/** A frame of the map costs a browser without a graphics card 60 ms: a figure that comes with it is seen after it. */
class Settled {
  zone = $state.raw(view.zone);
  cluster = $state.raw(view.cluster);
  item = $state.raw(view.item);
  picked = $state.raw<Feature | null>(null);
}
export const settled = new Settled();
/** The map does not wait longer. */
const LATE = 300;
/** Where the camera goes once what was asked with it has come. */
let move = $state.raw<(() => void) | null>(null);
export const afterFigures = (go: () => void): void => void (move = go);

/** Whether the map shows something else than the View still. */
export const behind = (): boolean =>
  move !== null || (['zone', 'cluster', 'item'] as const).some((one) => settled[one] !== view[one]);

/** Keeps the map behind the figures by one painted frame; call in a component that has the map. */
export function followFigures(): void {
  $effect(() => {
    const [{ zone, cluster, item }, feature, go] = [view, picked.value, move];
    const settle = () => {
      // what was picked before is not marked meanwhile
      const mark = feature?.id === (split(item)[1] ?? zone) ? feature : null;
      Object.assign(settled, { zone, cluster, item, picked: mark });
      move = null;
      go?.();
    };
    const late = setTimeout(settle, LATE);
    const asked = base.loading || focus.loading || picked.loading;
    const painted = asked ? 0 : requestAnimationFrame(() => setTimeout(settle));
    return () => {
      clearTimeout(late);
      cancelAnimationFrame(painted);
    };
  });
}
