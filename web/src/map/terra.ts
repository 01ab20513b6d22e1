// The drawing tool itself (terra-draw), in a file of its own so that it is fetched when somebody draws.
import type { Map as GlMap } from 'maplibre-gl';
import {
  TerraDraw,
  TerraDrawCircleMode,
  TerraDrawLineStringMode,
  TerraDrawModeUndoRedo,
  TerraDrawPolygonMode,
  TerraDrawRectangleMode,
  TerraDrawSelectMode,
} from 'terra-draw';
import { CIRCLE_CORNERS } from '../state/outline';
import type { Theme } from '../state/url';
import { palette } from './palette';
import { SvgAdapter } from './terraSvg';

/** A drawing tool on the map: polygon, rectangle, circle, line, and `select` for moving what is drawn. A circle has one handle, for its radius. */
export function build(map: GlMap, theme: Theme, isCircle: () => boolean): TerraDraw {
  const c = palette[theme];
  const fill = {
    fillColor: c.chosen,
    fillOpacity: 0.1,
    outlineColor: c.chosen,
    outlineWidth: 2,
    outlineOpacity: 1,
  } as const;
  const point = (width: number) => ({ Width: width, Color: c.halo, OutlineColor: c.chosen, OutlineWidth: 2 });
  const named = (name: string, width: number): Record<string, unknown> =>
    Object.fromEntries(Object.entries(point(width)).map(([key, value]) => [`${name}${key}`, value]));
  const handle = ({ properties }: { properties: Record<string, unknown> }) => !isCircle() || properties.index === 0;
  const selected = {
    selectedPolygonColor: c.chosen,
    selectedPolygonFillOpacity: 0.1,
    selectedPolygonOutlineColor: c.chosen,
    selectedPolygonOutlineWidth: 2,
    selectedLineStringColor: c.chosen,
    selectedLineStringWidth: 3,
    ...named('selectionPoint', 6),
    ...named('midPoint', 4),
    selectionPointWidth: (point: { properties: Record<string, unknown> }) => (handle(point) ? 7 : 0),
    selectionPointOutlineWidth: (point: { properties: Record<string, unknown> }) => (handle(point) ? 2 : 0),
  } as const;
  return new TerraDraw({
    adapter: new SvgAdapter(map),
    modes: [
      new TerraDrawPolygonMode({
        showCoordinatePoints: true,
        styles: { ...fill, ...named('closingPoint', 6), ...named('coordinatePoint', 4) },
      }),
      new TerraDrawRectangleMode({ styles: fill, drawInteraction: 'click-move-or-drag' }),
      new TerraDrawCircleMode({ styles: fill, segments: CIRCLE_CORNERS, drawInteraction: 'click-move-or-drag' }),
      new TerraDrawLineStringMode({
        showCoordinatePoints: true,
        styles: {
          lineStringColor: c.chosen,
          lineStringWidth: 3,
          ...named('closingPoint', 6),
          ...named('coordinatePoint', 4),
        },
      }),
      new TerraDrawSelectMode({
        allowManualDeselection: false,
        keyEvents: null,
        styles: selected,
        flags: {
          polygon: { feature: { draggable: true, coordinates: { midpoints: true, draggable: true, deletable: true } } },
          linestring: {
            feature: { draggable: true, coordinates: { midpoints: true, draggable: true, deletable: true } },
          },
          rectangle: { feature: { draggable: true, coordinates: { resizable: 'opposite' } } },
          circle: { feature: { draggable: true, coordinates: { resizable: 'center-fixed' } } },
        },
      }),
    ],
    undoRedo: { modeLevel: new TerraDrawModeUndoRedo() },
  });
}
