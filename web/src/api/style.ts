// The part of a MapLibre style that this page touches; the map folder casts it to the library's own type.
export interface StyleLayer {
  id: string;
  type: string;
  source?: string;
  'source-layer'?: string;
  layout?: Record<string, unknown>;
  paint?: Record<string, unknown>;
  filter?: unknown;
  /** `shigu:group`: the layer group that shows and hides it. */
  metadata?: Record<string, unknown>;
  minzoom?: number;
  maxzoom?: number;
}
export interface StyleSource {
  type: string;
  tiles?: string[];
  data?: unknown;
  [key: string]: unknown;
}
export interface StyleSpecification {
  version: 8;
  name?: string;
  sources: Record<string, StyleSource>;
  layers: StyleLayer[];
}
