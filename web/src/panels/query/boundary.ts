// Reads a boundary that somebody pasted or dropped: GeoJSON, WKT, KML, or one corner a line; says the line where it is none.
import { corners, fromGeoJson, MOST_CORNERS, type Outline } from '../../state/outline';

export type Fault = {
  line: number;
  why: 'none' | 'json' | 'nopolygon' | 'ring' | 'number' | 'earth' | 'swapped' | 'many';
};
export type Read = { outline: Outline } | { fault: Fault };
type Ring = number[][];

const lineAt = (text: string, at: number): number => text.slice(0, at).split('\n').length;
const fault = (line: number, why: Fault['why']): Read => ({ fault: { line, why } });

function settled(text: string, polygons: Ring[][], at: number): Read {
  if (!polygons.length) return fault(lineAt(text, at), 'nopolygon');
  const rings = polygons.flat();
  const numbers = (point: number[]): boolean =>
    point.length >= 2 && Number.isFinite(point[0]) && Number.isFinite(point[1]);
  if (!rings.every((ring) => ring.every(numbers))) return fault(lineAt(text, at), 'number');
  const off = rings.flat().find(([lon, lat]) => Math.abs(lon!) > 180 || Math.abs(lat!) > 90);
  if (off) {
    const where = lineAt(text, Math.max(0, text.indexOf(String(off[0]))));
    return fault(where, Math.abs(off[0]!) <= 90 && Math.abs(off[1]!) <= 180 ? 'swapped' : 'earth');
  }
  const outline = fromGeoJson(polygons);
  if (corners(outline) > MOST_CORNERS) return fault(1, 'many');
  return outline.every((polygon) => polygon.length && polygon.every((ring) => ring.length >= 3))
    ? { outline }
    : fault(lineAt(text, at), 'ring');
}

type Json = { type?: unknown; geometry?: unknown; geometries?: unknown[]; features?: unknown[]; coordinates?: unknown };
function gather(value: unknown): Ring[][] {
  const one = (value ?? {}) as Json;
  const rings = (of: unknown): Ring[] =>
    Array.isArray(of)
      ? of.map((ring) =>
          Array.isArray(ring) ? ring.map((point) => (Array.isArray(point) ? point.map(Number) : [])) : [],
        )
      : [];
  switch (one.type) {
    case 'Polygon':
      return [rings(one.coordinates)];
    case 'MultiPolygon':
      return Array.isArray(one.coordinates) ? one.coordinates.map(rings) : [];
    case 'Feature':
      return gather(one.geometry);
    default:
      return [...(one.features ?? []), ...(one.geometries ?? [])].flatMap(gather);
  }
}

function json(text: string): Read {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    const said = String(cause);
    const line = /line (\d+)/.exec(said)?.[1];
    const at = /position (\d+)/.exec(said)?.[1];
    return fault(line ? Number(line) : at ? lineAt(text, Number(at)) : text.trimEnd().split('\n').length, 'json');
  }
  return settled(text, gather(value), 0);
}

function wkt(text: string): Read {
  const polygons: Ring[][] = [];
  const name = /\b(MULTIPOLYGON|POLYGON)\s*(?:Z|M|ZM)?\s*\(/gi;
  for (let found = name.exec(text); found; found = name.exec(text)) {
    const multi = found[1]!.toUpperCase() === 'MULTIPOLYGON';
    const deep = multi ? 2 : 1;
    let depth = 1;
    let at = name.lastIndex;
    let start = at;
    let polygon: Ring[] = [];
    for (; at < text.length && depth > 0; at++) {
      if (text[at] === '(') {
        depth += 1;
        start = at + 1;
        if (multi && depth === 2) polygon = [];
      } else if (text[at] === ')') {
        if (depth === deep + 1) {
          const ring = text
            .slice(start, at)
            .split(',')
            .map((pair) => pair.trim().split(/\s+/).map(Number));
          if (ring.some((point) => point.length < 2 || !point.every(Number.isFinite)))
            return fault(lineAt(text, start), 'number');
          polygon.push(ring);
        }
        depth -= 1;
        if (multi && depth === 1) polygons.push(polygon);
      }
    }
    if (depth > 0) return fault(lineAt(text, text.trimEnd().length), 'ring');
    if (!multi) polygons.push(polygon);
    name.lastIndex = at;
  }
  return settled(text, polygons, 0);
}

function kml(text: string): Read {
  const blocks = (of: string, tag: string): string[] =>
    [...of.matchAll(new RegExp(`<(?:\\w+:)?${tag}\\b[^>]*>([\\s\\S]*?)</(?:\\w+:)?${tag}>`, 'g'))].map(
      (one) => one[1]!,
    );
  const ring = (of: string): Ring =>
    (blocks(of, 'coordinates')[0] ?? '')
      .trim()
      .split(/\s+/)
      .filter(Boolean)
      .map((point) => point.split(',').map(Number));
  const polygons = blocks(text, 'Polygon').map((polygon) =>
    [...blocks(polygon, 'outerBoundaryIs'), ...blocks(polygon, 'innerBoundaryIs')].map(ring),
  );
  return settled(text, polygons, Math.max(0, text.indexOf('<Polygon')));
}

/** One corner a line, `120.1, 30.2`; an empty line begins another ring's polygon. */
function list(text: string): Read {
  const polygons: Ring[][] = [[[]]];
  const lines = text.split('\n');
  for (const [i, line] of lines.entries()) {
    const parts = line
      .trim()
      .split(/[\s,;，、；]+/)
      .filter(Boolean);
    if (!parts.length) {
      if (polygons.at(-1)![0]!.length) polygons.push([[]]);
      continue;
    }
    const point = parts.map(Number);
    if (point.length < 2 || !point.every(Number.isFinite)) return fault(i + 1, i === 0 ? 'none' : 'number');
    polygons.at(-1)![0]!.push(point);
  }
  return settled(
    text,
    polygons.filter((one) => one[0]!.length),
    text.length,
  );
}

export function readBoundary(given: string): Read {
  const text = given.replace(/^\uFEFF/, '');
  const start = text.trimStart();
  if (!start) return fault(1, 'none');
  if (start.startsWith('{') || start.startsWith('[')) return json(text);
  if (/^(SRID=\d+;)?\s*(MULTIPOLYGON|POLYGON|GEOMETRYCOLLECTION)\b/i.test(start)) return wkt(text);
  if (start.startsWith('<')) return kml(text);
  if (/^-?\d/.test(start)) return list(text);
  return fault(lineAt(text, text.length - start.length), 'none');
}

/** An outline as the lines that `readBoundary` takes; only for outlines without holes. */
export const lines = (outline: Outline): string =>
  outline.map((rings) => rings[0]!.map(([lon, lat]) => `${lon}, ${lat}`).join('\n')).join('\n\n');
