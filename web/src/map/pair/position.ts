// How one map follows the other: same zoom, and a place that stays as far from the other's as it was. Pure arithmetic.
import { project, unproject } from '../labelLayout';

export type Place = readonly [number, number];
type Box = readonly number[];

/** The middle of a box, as the map sees it. */
export function middle(box: Box): [number, number] {
  const [a, b] = [project([box[0]!, box[1]!], 0), project([box[2]!, box[3]!], 0)];
  return unproject({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 }, 0);
}
/** How wide and high a box is on the map, in parts of the world. */
export function proportion(box: Box): { width: number; height: number } {
  const [a, b] = [project([box[0]!, box[1]!], 0), project([box[2]!, box[3]!], 0)];
  return { width: Math.abs(b.x - a.x), height: Math.abs(b.y - a.y) };
}
/** The zoom at which a box fills a window of so many pixels, at most. */
export function zoomFor(box: Box, width: number, height: number, most: number): number {
  const whole = proportion(box);
  const part = Math.max(whole.width / Math.max(1, width), whole.height / Math.max(1, height), 1e-12);
  return Math.min(most, Math.max(0, -Math.log2(part)));
}
/** Where the follower looks when the leader looks at `lead`, with `from` and `to` the places that belong together. */
export function across(lead: Place, from: Place, to: Place): [number, number] {
  const [l, f, t] = [lead, from, to].map((place) => project(place, 0)) as [
    { x: number; y: number },
    { x: number; y: number },
    { x: number; y: number },
  ];
  return unproject({ x: l.x - f.x + t.x, y: l.y - f.y + t.y }, 0);
}
