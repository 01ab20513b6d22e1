// Where places are on the screen, kept in step with the map; none where the map is a picture.
import { mapInstance, mapState } from './mapState.svelte';

export interface Place {
  id: string;
  position: [number, number];
}

/** Follows places over the live map; made in a component that stands while they are looked at. */
export class PlacesOnScreen {
  at = $state.raw<ReadonlyMap<string, { x: number; y: number }>>(new Map());

  constructor(places: () => readonly Place[]) {
    $effect(() => {
      const [map, all] = [mapInstance.map, places()];
      if (!mapState.ready || !map) {
        this.at = new Map();
        return;
      }
      const put = () => (this.at = new Map(all.map(({ id, position }) => [id, map.project(position)])));
      put();
      map.on('move', put);
      map.on('resize', put);
      return () => {
        map.off('move', put);
        map.off('resize', put);
      };
    });
  }
}
