// Axes, gaps and labels of charts over time.
import { describe, expect, it } from 'vitest';
import { apart, runs, ticks } from '../src/panels/shared/ticks';

describe('charts over time', () => {
  it('have round marks that hold all values and 0', () => {
    for (const values of [[1, 9], [-12.5, 40], [-3], [0], [], [0.0004, 0.0011], [3e9, 8e9]]) {
      const marks = ticks(values);
      expect(marks.length).toBeGreaterThan(1);
      expect(marks.length).toBeLessThan(9);
      expect(marks.some((mark) => Math.abs(mark) < 1e-12)).toBe(true);
      for (const value of values) {
        expect(value).toBeGreaterThanOrEqual(marks[0]! - 1e-9);
        expect(value).toBeLessThanOrEqual(marks.at(-1)! * (1 + 1e-9));
      }
    }
  });
  it('leave out what is missing: a gap, no zero', () => {
    expect(runs([1, null, 3, 4, null])).toEqual([[0], [2, 3]]);
    expect(runs([null, null])).toEqual([]);
    expect(runs([0, 0])).toEqual([[0, 1]]);
  });
  it('keep labels from one another', () => {
    const placed = apart([100, 101, 20, 102], 14, 110);
    const sorted = [...placed].sort((a, b) => a - b);
    sorted.slice(1).forEach((height, i) => expect(height - sorted[i]!).toBeGreaterThanOrEqual(14));
    expect(Math.max(...placed)).toBeLessThanOrEqual(110);
    expect(placed[2]).toBe(20);
  });
});
