// Cuts counts into at most five classes by natural breaks (Fisher-Jenks): least variance within classes. Nothing (0) is in no
// class: it is no small number, and where all zones have none, the one class would have the strongest colour.
export interface Class {
  from: number;
  to: number;
}

export function classes(values: readonly number[], wanted = 5): Class[] {
  // Equal values never part: the cut is made among distinct values, each weighing as often as it occurs.
  const v = [...new Set(values)].filter((x) => x !== 0).sort((a, b) => a - b);
  const weight = v.map((x) => values.filter((y) => y === x).length);
  const k = Math.min(wanted, v.length);
  if (k === 0) return [];
  const mass = [0];
  const sum = [0];
  const square = [0];
  v.forEach((x, i) => {
    mass.push(mass[i]! + weight[i]!);
    sum.push(sum[i]! + weight[i]! * x);
    square.push(square[i]! + weight[i]! * x * x);
  });
  /** Squared deviation of v[i..j), and the cheapest cut of v[0..j) into c classes. */
  const spread = (i: number, j: number) => square[j]! - square[i]! - (sum[j]! - sum[i]!) ** 2 / (mass[j]! - mass[i]!);
  let cost = v.map((_, j) => spread(0, j + 1));
  const cuts: number[][] = [v.map(() => 0)];
  for (let c = 1; c < k; c++) {
    const next = v.map(() => Infinity);
    const cut = v.map(() => 0);
    for (let j = c; j < v.length; j++) {
      for (let i = c; i <= j; i++) {
        const here = cost[i - 1]! + spread(i, j + 1);
        if (here < next[j]! - 1e-9) [next[j], cut[j]] = [here, i];
      }
    }
    cost = next;
    cuts.push(cut);
  }
  const out: Class[] = [];
  for (let c = k - 1, end = v.length - 1; c >= 0; c--) {
    const start = cuts[c]![end]!;
    out.unshift({ from: v[start]!, to: v[end]! });
    end = start - 1;
  }
  return out;
}

/** The place of the class that a value is in; -1 for nothing. */
export const classOf = (value: number, all: readonly Class[]): number => {
  if (value === 0) return -1;
  const at = all.findIndex((one) => value <= one.to);
  return at < 0 ? Math.max(0, all.length - 1) : at;
};
