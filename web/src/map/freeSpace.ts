// What is left of the map between the things that lie over it, and where in it a box has most room.
export interface Rect {
  left: number;
  top: number;
  right: number;
  bottom: number;
}
const over = new Set<Element>();
/** What is shown beside all that lies over the map, while nobody has done anything since. */
let shown: { free: Rect; find: () => Rect; put: (free: Rect) => void } | null = null;
let sizes: ResizeObserver | null = null;
/** An attachment: this element lies over the map. */
export function covers(element: Element): () => void {
  sizes ??= watched();
  over.add(element);
  sizes.observe(element);
  return () => {
    over.delete(element);
    sizes?.unobserve(element);
  };
}
function watched(): ResizeObserver {
  for (const act of ['pointerdown', 'keydown', 'wheel', 'popstate'])
    window.addEventListener(act, settled, { capture: true, passive: true });
  return new ResizeObserver(() => {
    if (!shown) return;
    const { free, find } = shown;
    const now = find();
    if (free.left === now.left && free.top === now.top && free.right === now.right && free.bottom === now.bottom)
      return;
    shown.free = now;
    shown.put(now);
  });
}
/** Puts something where there is room for it, and once more where chips, notes and legends come or grow before the reader does anything. */
export function showIn(find: () => Rect, put: (free: Rect) => void): void {
  shown = { free: find(), find, put };
  put(shown.free);
}
/** What was shown last stays where it is from now on. */
export function settled(): void {
  shown = null;
}
/** How a box is shown: beside all that lies over the map, or in the middle of it with corners that may lie under something. */
export type Manner = 'beside' | 'middle';
/** Where in a map a box is to be shown; `drawer` pixels are hidden from below. */
export function freeRect(
  map: Element,
  proportion: { width: number; height: number },
  drawer: number,
  manner: Manner,
): Rect {
  const size = { width: map.clientWidth, height: map.clientHeight };
  if (manner === 'beside') return freeRectFor(proportion, size, covered(map, drawer), 16);
  // names stand at the ends of what is shown
  return freeRectFor(proportion, { ...size, height: size.height - drawer }, [], size.width < 560 ? 44 : 64);
}
/** What lies over a map now, in its own pixels; `drawer` pixels are hidden from below. */
export function covered(map: Element, drawer: number): Rect[] {
  const frame = map.getBoundingClientRect();
  const found = [...over]
    .map((one) => one.getBoundingClientRect())
    .filter((box) => box.width > 0 && box.height > 0)
    .map((box) => ({
      left: box.left - frame.left,
      top: box.top - frame.top,
      right: box.right - frame.left,
      bottom: box.bottom - frame.top,
    }));
  return drawer ? [...found, { left: 0, top: frame.height - drawer, right: frame.width, bottom: frame.height }] : found;
}

/** A rectangle smaller than this is no place to look at something. */
const LEAST = 90;
/** The uncovered rectangle in which a box of these proportions becomes largest, `margin` away from all; the whole map where none is large enough. */
export function freeRectFor(
  proportion: { width: number; height: number },
  size: { width: number; height: number },
  taken: readonly Rect[],
  margin: number,
): Rect {
  const walls = taken.map(({ left, top, right, bottom }) => ({
    left: left - margin,
    top: top - margin,
    right: right + margin,
    bottom: bottom + margin,
  }));
  const whole = { left: margin, top: margin, right: size.width - margin, bottom: size.height - margin };
  const between = (from: number, to: number, places: number[]) => [
    ...new Set(places.filter((one) => one > from && one < to)),
  ];
  const lefts = [
    whole.left,
    ...between(
      whole.left,
      whole.right,
      walls.map((one) => one.right),
    ),
  ];
  const rights = [
    whole.right,
    ...between(
      whole.left,
      whole.right,
      walls.map((one) => one.left),
    ),
  ];
  const tops = [
    whole.top,
    ...between(
      whole.top,
      whole.bottom,
      walls.map((one) => one.bottom),
    ),
  ];
  const bottoms = [
    whole.bottom,
    ...between(
      whole.top,
      whole.bottom,
      walls.map((one) => one.top),
    ),
  ];
  let best = { rect: whole, scale: 0, area: 0 };
  for (const left of lefts)
    for (const right of rights)
      for (const top of tops)
        for (const bottom of bottoms) {
          const [width, height] = [right - left, bottom - top];
          if (
            width < LEAST ||
            height < LEAST ||
            walls.some((one) => one.left < right && one.right > left && one.top < bottom && one.bottom > top)
          )
            continue;
          const scale = Math.min(
            width / Math.max(proportion.width, 1e-12),
            height / Math.max(proportion.height, 1e-12),
          );
          if (scale > best.scale || (scale === best.scale && width * height > best.area))
            best = { rect: { left, top, right, bottom }, scale, area: width * height };
        }
  return best.rect;
}
