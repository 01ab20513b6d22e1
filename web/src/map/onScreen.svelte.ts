// Where places are on the screen: on the live map, or on the picture in its place.
import { untrack } from 'svelte';
import { view } from '../state/view.svelte';
import { mapInstance, mapState, plainly } from './mapState.svelte';
import { offset } from './plain/position';

/** Follows the map; made in a component that lies over it. */
export class OnScreen {
  /** The size of the picture, where the map is one. */
  width = $state(0);
  height = $state(0);
  #moved = $state(0);

  constructor() {
    $effect(() => {
      const map = mapState.ready && !plainly() ? mapInstance.map : null;
      const follow = () => (this.#moved += 1);
      untrack(follow);
      map?.on('move', follow);
      return () => void map?.off('move', follow);
    });
  }
  pixel([lon, lat]: readonly [number, number]): [number, number] {
    void this.#moved;
    const map = plainly() ? null : mapInstance.map;
    if (map) {
      const { x, y } = map.project([lon, lat]);
      return [x, y];
    }
    const { dx, dy } = offset(view.camera ?? { lon: 0, lat: 0, zoom: 0 }, [lon, lat]);
    return [this.width / 2 + dx, this.height / 2 + dy];
  }
}
