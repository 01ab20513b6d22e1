// Draws the map's small pictures on a canvas: layout diamonds by status, cluster marks, lead squares, symbols of layers.
import type { Cluster } from '../api/types';
import type { Theme } from '../state/url';
import { inkOn, palette } from './palette';

export const FONT = '"Source Han Sans SC","Noto Sans CJK SC","Noto Sans SC","Microsoft YaHei","PingFang SC",sans-serif';
/** The same for the map's labels; the first, invented name only sets the weight. */
const cjk = ['Source Han Sans SC', 'Noto Sans CJK SC', 'Noto Sans SC', 'Microsoft YaHei', 'PingFang SC'];
export const FONTS = {
  zh: ['Shigu Medium', ...cjk],
  en: ['Shigu Medium', 'Segoe UI', 'Noto Sans', 'Helvetica Neue', 'Arial', ...cjk],
};
export const RATIO = 2;
interface Look {
  theme: Theme;
  clusters: readonly Cluster[];
  unclassified: string;
}

function canvas(size: number): CanvasRenderingContext2D {
  const pen = new OffscreenCanvas(size * RATIO, size * RATIO).getContext('2d', {
    willReadFrequently: true,
  }) as unknown as CanvasRenderingContext2D;
  pen.scale(RATIO, RATIO);
  return pen;
}
const pixels = (pen: CanvasRenderingContext2D): ImageData =>
  pen.getImageData(0, 0, pen.canvas.width, pen.canvas.height);

/** Filled = existing, half = added after the plan, hollow = planned. */
function diamond(side: number, colour: string, ground: string, status: string): ImageData {
  const size = side + 6;
  const c = size / 2;
  const path = (r: number) => {
    pen.beginPath();
    pen.moveTo(c, c - r);
    pen.lineTo(c + r, c);
    pen.lineTo(c, c + r);
    pen.lineTo(c - r, c);
    pen.closePath();
  };
  const pen = canvas(size);
  path(side / 2 + 2.4);
  pen.fillStyle = ground;
  pen.fill();
  const line = side > 14 ? 2 : 1.8;
  path(side / 2 - line / 2);
  pen.fillStyle = status === 'existing' ? colour : ground;
  pen.fill();
  if (status === 'later') {
    pen.save();
    pen.clip();
    pen.fillStyle = colour;
    pen.fillRect(0, 0, c, size);
    pen.restore();
  }
  pen.strokeStyle = colour;
  pen.lineWidth = line;
  pen.stroke();
  return pixels(pen);
}

function mark(text: string, colour: string, ground: string, size = 20): ImageData {
  const pen = canvas(size);
  const c = size / 2;
  pen.beginPath();
  pen.arc(c, c, c - 0.5, 0, Math.PI * 2);
  pen.fillStyle = ground;
  pen.fill();
  pen.beginPath();
  pen.arc(c, c, c - 1.6, 0, Math.PI * 2);
  pen.fillStyle = colour;
  pen.fill();
  pen.fillStyle = inkOn(colour);
  pen.font = `600 ${size * 0.6}px ${FONT}`;
  pen.textAlign = 'center';
  pen.textBaseline = 'alphabetic';
  const box = pen.measureText(text);
  pen.fillText(text, c, c + (box.actualBoundingBoxAscent - box.actualBoundingBoxDescent) / 2);
  return pixels(pen);
}

function square(colour: string, ground: string): ImageData {
  const pen = canvas(10);
  pen.fillStyle = ground;
  pen.fillRect(0, 0, 10, 10);
  pen.fillStyle = colour;
  pen.fillRect(1.5, 1.5, 7, 7);
  pen.fillStyle = ground;
  pen.fillRect(3.75, 3.75, 2.5, 2.5);
  return pixels(pen);
}

/** Corners of a layer's symbol about 0, 0 for points of radius 1, as the server draws them. */
const about = (corners: number, radii: readonly number[]): [number, number][] =>
  Array.from({ length: corners }, (_, i) => {
    const angle = (i * 2 * Math.PI) / corners - Math.PI / 2;
    const r = radii[i % radii.length]!;
    return [r * Math.cos(angle), r * Math.sin(angle)];
  });
const QUARTER = [
  [-0.42, -1.15],
  [0.42, -1.15],
  [0.42, -0.42],
] as const;
const TURNS = [
  [1, 0],
  [0, 1],
  [-1, 0],
  [0, -1],
] as const;
export const MARKERS: Readonly<Record<string, readonly [number, number][]>> = {
  triangle: about(3, [1.4]),
  wedge: about(3, [-1.4]),
  star: about(10, [1.45, 0.6]),
  cross: TURNS.flatMap(([c, s]) => QUARTER.map(([x, y]): [number, number] => [x * c - y * s, x * s + y * c])),
};
/** The symbol of a layer, as large as the discs of others. */
function marker(shape: string, colour: string, ground: string): ImageData | null {
  const corners = MARKERS[shape];
  if (!corners) return null;
  const pen = canvas(16);
  pen.beginPath();
  for (const [x, y] of corners) pen.lineTo(8 + 4 * x, 8 + 4 * y);
  pen.closePath();
  pen.fillStyle = colour;
  pen.fill();
  pen.strokeStyle = ground;
  pen.stroke();
  return pixels(pen);
}

/** The ring of a counted cell: twelfths of its classes, clockwise from the top; scaled by its number. */
const RADIUS = 20;
const WIDTH = 5;
function ring(parts: readonly (readonly [colour: string, twelfths: number])[]): ImageData {
  const pen = canvas(2 * RADIUS);
  pen.lineWidth = WIDTH;
  let from = -Math.PI / 2;
  for (const [colour, twelfths] of parts) {
    const until = from + (twelfths * Math.PI) / 6;
    pen.beginPath();
    pen.arc(RADIUS, RADIUS, RADIUS - WIDTH / 2, from, until);
    pen.strokeStyle = colour;
    pen.stroke();
    from = until;
  }
  return pixels(pen);
}

/** Diagonal lines that go on from tile to tile. */
function hatch(colour: string): ImageData {
  const size = 8;
  const pen = canvas(size);
  pen.strokeStyle = colour;
  pen.globalAlpha = 0.45;
  for (const shift of [-size, 0, size]) {
    pen.moveTo(shift - 1, size + 1);
    pen.lineTo(shift + size + 1, -1);
  }
  pen.stroke();
  return pixels(pen);
}

/** Twelfths of the first three classes of a cell, from what its tile says; where it says no number, all that it names have the same part. */
export const twelfths = (mix: number, named = 1): number[] =>
  mix
    ? [mix % 13, Math.floor(mix / 13) % 13, Math.floor(mix / 169) % 13]
    : [0, 1, 2].map((i) => (i < named ? 12 / named : 0));

/** The picture for a name used in the style; null for a name this page does not know. */
export function symbol(name: string, look: Look): ImageData | null {
  const c = palette[look.theme];
  const [family, what = ''] = name.split(/-(.*)/s);
  if (family === 'node') return diamond(18, c.plan, c.halo, what);
  if (family === 'platform') return diamond(13, c.lead, c.halo, what);
  if (family === 'lead') return square(c.lead, c.halo);
  if (family === 'hatch') return hatch(c.soft);
  if (family === 'point') return marker(what, c.soft, c.halo);
  const clusterOf = (code: string) => look.clusters.find((one) => one.code === code);
  const colourOf = (code: string) =>
    ((cluster) => (cluster ? (look.theme === 'dark' ? cluster.color_dark : cluster.color) : c.none))(clusterOf(code));
  if (family === 'ring') {
    const [digits, ...codes] = what.split('/');
    const parts = twelfths(Number(digits), codes.filter(Boolean).length || 1).map(
      (n, i) => [colourOf(codes[i] ?? ''), n] as const,
    );
    return ring([...parts, [c.others, 12 - parts.reduce((sum, [, n]) => sum + n, 0)]]);
  }
  if (family !== 'mark') return null;
  return mark(clusterOf(what)?.mark ?? look.unclassified, colourOf(what), c.halo);
}
