// The service's own tiles that do not come, and faults of the style: said by the page, asked for again when it asks anew for what failed.
import type { ErrorEvent, Map as GlMap, VectorTileSource } from 'maplibre-gl';
import { Problem } from '../api/http';
import { t } from '../i18n';
import { mapTiles } from '../state/data.svelte';
import { REGISTER } from './style';

const OWN = ['shigu', REGISTER];

export function watchTiles(map: GlMap): void {
  // since they were asked for last; some that came do not mean that all did
  let failed = false;
  map.on('error', (event: ErrorEvent & { sourceId?: string; tile?: { actor?: unknown } }) => {
    // of no source: the style itself has a fault, and what it says is not drawn
    if (!event.sourceId && (event.error as Error).name !== 'AbortError') {
      mapTiles.problem = new Problem(500, 'style', t('state.style', { why: event.error.message }));
      failed = true;
    }
    if (!event.sourceId || !OWN.includes(event.sourceId)) return;
    failed = true;
    // MapLibre 6.17: asked for again, a vector tile that failed waits for its first answer for ever, unless it has no worker
    if (event.tile) event.tile.actor = undefined;
    const { status } = event.error as Error & { status?: number };
    // no status: no answer at all
    mapTiles.problem = new Problem(status ?? 0, 'tiles', t('state.tiles'));
  });
  map.on('idle', () => {
    if (!failed) mapTiles.problem = null;
  });
  mapTiles.again = () => {
    failed = false;
    for (const id of OWN) {
      const source = map.getSource<VectorTileSource>(id);
      if (source?.tiles) source.setTiles(source.tiles);
    }
  };
  map.once('remove', () => mapTiles.empty());
}
