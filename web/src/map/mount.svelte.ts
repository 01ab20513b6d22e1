// Builds the map and takes it down again.
import { Map as GlMap, setWorkerUrl } from 'maplibre-gl';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?url';
import './canvas.css';
import { t } from '../i18n';
import { dataset } from '../state/data.svelte';
import { theme, view } from '../state/view.svelte';
import { mapState, mapInstance } from './mapState.svelte';
import { settled } from './freeSpace';
import { draw } from './styleSync.svelte';
import { follow, listen } from './events';
import { FONT, RATIO, symbol } from './symbols';

setWorkerUrl(workerUrl);

/** Before the dataset has come. */
const WORLD = { lon: 0, lat: 0, zoom: 0 };

function build(container: HTMLElement): GlMap | null {
  const { lon, lat, zoom } = view.camera ?? WORLD;
  try {
    return new GlMap({
      container,
      style: { version: 8, sources: {}, layers: [] },
      center: [lon, lat],
      zoom,
      maxZoom: 18,
      maxPitch: 0,
      dragRotate: false,
      touchPitch: false,
      rollEnabled: false,
      attributionControl: false,
      localIdeographFontFamily: FONT,
      fadeDuration: 120,
      locale: { 'Map.Title': t('map.label') },
    });
  } catch {
    return null;
  }
}

/** Builds the map in an element and returns how to take it down; without WebGL it only says so. */
export function mount(container: HTMLElement): () => void {
  const map = build(container);
  mapState.working = map !== null;
  if (!map) return () => {};
  mapInstance.map = map;
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.setMissingStyleImageResolver((id) => {
    const image = symbol(id, {
      theme: theme(),
      clusters: [
        ...(dataset.value?.clusters ?? []),
        ...(dataset.value?.class_versions ?? []).flatMap((one) => one.clusters),
      ],
      unclassified: t('clusters.none.mark'),
    });
    if (image && !map.hasImage(id)) map.addImage(id, image, { pixelRatio: RATIO });
  });
  listen(map);
  follow(map);
  const stop = $effect.root(() => draw(map));
  return () => {
    stop();
    settled();
    map.remove();
    mapInstance.map = null;
  };
}
