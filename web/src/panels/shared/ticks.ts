// Marks of an axis, and how lines over time are cut where a value is missing. Pure.

/** Round numbers that reach from the least to the most, 0 among them where it lies between or near. */
export function ticks(values: readonly number[], wanted = 4): number[] {
  const [least, most] = [Math.min(0, ...values), Math.max(0, ...values)];
  const raw = Math.max(most - least, 1e-9) / wanted;
  const ten = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].map((n) => n * ten).find((n) => n >= raw * (1 - 1e-9)) ?? 10 * ten;
  const [from, to] = [Math.floor(least / step + 1e-9), Math.ceil(most / step - 1e-9)];
  return Array.from({ length: Math.max(1, to - from) + 1 }, (_, i) => (from + i) * step);
}

/** Places of values that follow each other without a gap. */
export function runs(values: readonly (number | null)[]): number[][] {
  const out: number[][] = [];
  values.forEach((value, i) => {
    if (value === null) return;
    if (i > 0 && values[i - 1] !== null) out.at(-1)!.push(i);
    else out.push([i]);
  });
  return out;
}

/** Heights of labels that keep a distance, as near to where they belong as that allows; in the order in which they came. */
export function apart(heights: readonly number[], distance: number, most: number): number[] {
  const order = heights.map((height, i) => ({ height, i })).sort((a, b) => a.height - b.height);
  let last = -Infinity;
  for (const one of order) last = one.height = Math.max(one.height, last + distance);
  let next = most + distance;
  for (const one of order.toReversed()) next = one.height = Math.min(one.height, next - distance);
  const out = [...heights];
  for (const one of order) out[one.i] = one.height;
  return out;
}
