// Moves labels apart so that none covers another: pure arithmetic on boxes in pixels.
export interface Box {
  x: number;
  y: number;
  w: number;
  h: number;
  /** Stays where it is; the others make room. */
  fixed?: boolean;
}

/** New centres for boxes that want to sit at (x, y); each stays as near to its place as the others allow. */
export function spread(boxes: readonly Box[], gap = 4, rounds = 300): { x: number; y: number }[] {
  const at = boxes.map(({ x, y }) => ({ x, y }));
  for (let round = 0; round < rounds; round++) {
    let touching = false;
    for (let i = 0; i < at.length; i++) {
      for (let j = i + 1; j < at.length; j++) {
        const a = at[i]!;
        const b = at[j]!;
        const dx = b.x - a.x;
        const dy = b.y - a.y;
        const ox = (boxes[i]!.w + boxes[j]!.w) / 2 + gap - Math.abs(dx);
        const oy = (boxes[i]!.h + boxes[j]!.h) / 2 + gap - Math.abs(dy);
        if (ox <= 0 || oy <= 0 || (boxes[i]!.fixed && boxes[j]!.fixed)) continue;
        touching = true;
        const backward = boxes[i]!.fixed ? 0 : boxes[j]!.fixed ? 1 : 0.5;
        const axis = ox < oy ? 'x' : 'y';
        const step = (Math.min(ox, oy) + 0.02) * ((axis === 'x' ? dx : dy) < 0 ? -1 : 1);
        a[axis] -= step * backward;
        b[axis] += step * (1 - backward);
      }
    }
    if (!touching) break;
    // Early rounds pull back home a little, so that labels do not drift further than needed.
    if (round < rounds * 0.6)
      at.forEach((p, i) => {
        p.x += (boxes[i]!.x - p.x) * 0.02;
        p.y += (boxes[i]!.y - p.y) * 0.02;
      });
  }
  return at;
}

const TILE = 512;
/** Web Mercator in pixels at a zoom, and back. */
export function project([lon, lat]: readonly [number, number], zoom: number): { x: number; y: number } {
  const size = TILE * 2 ** zoom;
  const s = Math.sin((lat * Math.PI) / 180);
  return { x: ((lon + 180) / 360) * size, y: (0.5 - Math.log((1 + s) / (1 - s)) / (4 * Math.PI)) * size };
}
export function unproject({ x, y }: { x: number; y: number }, zoom: number): [number, number] {
  const size = TILE * 2 ** zoom;
  return [(x / size) * 360 - 180, (Math.atan(Math.sinh(Math.PI * (1 - (2 * y) / size))) * 180) / Math.PI];
}
