//! Order statistics of one figure over any set of rows, exactly and without sorting the set.
//!
//! Every row remembers in which of at most 256 steps of the whole column its value lies. A first pass counts rows by
//! group and step; it tells in which step a group's median lies, and a second pass sorts only the values in such steps.

use std::collections::HashMap;

/// Steps of a column: a number per row, growing with the value.
#[derive(Debug)]
pub struct Steps(Vec<u8>);

const STEPS: usize = 256;
/// Values looked at to choose the steps; any choice gives the same answers.
const SAMPLE: usize = 1 << 16;

impl Steps {
    /// Steps of `len` rows whose values `value` tells; rows without one are never asked for.
    pub fn new(len: usize, value: impl Fn(usize) -> Option<i64>) -> Self {
        let mut sample: Vec<i64> = (0..len).step_by((len / SAMPLE).max(1)).filter_map(&value).collect();
        sample.sort_unstable();
        let mut limits: Vec<i64> = (1..STEPS).filter_map(|i| sample.get(i * sample.len() / STEPS)).copied().collect();
        limits.dedup();
        let step = |row| value(row).map_or(0, |v| limits.partition_point(|&l| l <= v) as u8);
        Self((0..len).map(step).collect())
    }

    /// Bytes that the steps take.
    pub fn bytes(&self) -> usize {
        self.0.len()
    }
}

/// What a group's values are like; in the metric's smallest unit.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Order {
    /// Lower quartile, median and upper quartile, interpolated between neighbours (Hyndman-Fan type 7, as spreadsheets do).
    pub quartiles: Option<[f64; 3]>,
    /// Sum of the 3 and of the 10 largest values.
    pub largest: [i128; 2],
}

/// How many of the largest values are summed.
pub const LARGEST: [usize; 2] = [3, 10];

/// Order statistics of each group, and last of all rows. `rows` is walked twice; `groups_of` names the groups of a row.
pub fn order<'r, I: Iterator<Item = usize>>(
    steps: &Steps,
    groups: usize,
    value: impl Fn(usize) -> Option<i64>,
    rows: impl Fn() -> I + 'r,
    groups_of: impl Fn(usize, &mut Vec<usize>),
) -> Vec<Order> {
    let all = groups;
    let groups = groups + 1;
    let mut counts = vec![[0u32; STEPS]; groups];
    let mut own = Vec::with_capacity(4);
    for row in rows() {
        if value(row).is_some() {
            let step = usize::from(steps.0[row]);
            own.clear();
            groups_of(row, &mut own);
            own.iter().for_each(|&g| counts[g][step] += 1);
            counts[all][step] += 1;
        }
    }
    let wanted: Vec<Vec<usize>> = counts.iter().map(|c| places(c.iter().map(|n| *n as usize).sum())).collect();
    let mut needed = vec![[false; STEPS]; groups];
    for (group, places) in wanted.iter().enumerate() {
        for &place in places {
            needed[group][step_of(&counts[group], place).0] = true;
        }
    }
    // most rows lie in a step that no group asks for: seen before anything else is
    let any: Vec<bool> = (0..STEPS).map(|step| needed.iter().any(|n| n[step])).collect();
    let mut values: HashMap<(usize, u8), Vec<i64>> = HashMap::new();
    for row in rows().filter(|&row| any[usize::from(steps.0[row])]) {
        let step = steps.0[row];
        let Some(v) = value(row) else { continue };
        own.clear();
        groups_of(row, &mut own);
        own.push(all);
        for &g in own.iter().filter(|&&g| needed[g][usize::from(step)]) {
            values.entry((g, step)).or_default().push(v);
        }
    }
    values.values_mut().for_each(|v| v.sort_unstable());
    (0..groups)
        .map(|g| {
            let n: usize = counts[g].iter().map(|c| *c as usize).sum();
            let at = |place: usize| {
                let (step, before) = step_of(&counts[g], place);
                values.get(&(g, step as u8)).and_then(|v| v.get(place - before)).copied().unwrap_or(0)
            };
            let quantile = |q: f64| {
                let place = q * (n - 1) as f64;
                let (low, high) = (at(place.floor() as usize) as f64, at(place.ceil() as usize) as f64);
                low + (high - low) * place.fract()
            };
            let quartiles = (n > 0).then(|| [0.25, 0.5, 0.75].map(quantile));
            let largest = LARGEST.map(|k| (n - k.min(n)..n).map(|i| i128::from(at(i))).sum());
            Order { quartiles, largest }
        })
        .collect()
}

/// The places, counted from the smallest value, that the answers need.
fn places(n: usize) -> Vec<usize> {
    if n == 0 {
        return vec![];
    }
    let around = |q: f64| {
        let place = q * (n - 1) as f64;
        [place.floor() as usize, place.ceil() as usize]
    };
    let largest = LARGEST[LARGEST.len() - 1].min(n);
    [0.25, 0.5, 0.75].into_iter().flat_map(around).chain(n - largest..n).collect()
}

/// The step that holds a place, and how many values lie before that step.
fn step_of(counts: &[u32; STEPS], place: usize) -> (usize, usize) {
    let mut before = 0;
    for (step, &n) in counts.iter().enumerate() {
        if place < before + n as usize {
            return (step, before);
        }
        before += n as usize;
    }
    (STEPS - 1, before)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn order_statistics_are_those_of_the_sorted_values(
            rows in proptest::collection::vec((proptest::option::weighted(0.9, prop_oneof![-50i64..50, any::<i32>().prop_map(i64::from)]), 0usize..3), 0..600),
        ) {
            let value = |row: usize| rows[row].0;
            let steps = Steps::new(rows.len(), value);
            let found = order(&steps, 3, value, || 0..rows.len(), |row, groups| groups.push(rows[row].1));
            for (g, order) in found.iter().enumerate() {
                let mut v: Vec<i64> = rows.iter().filter(|r| g == 3 || r.1 == g).filter_map(|r| r.0).collect();
                v.sort_unstable();
                let expected = (!v.is_empty()).then(|| [1usize, 2, 3].map(|q| {
                    // type 7 in whole quarters: place = q (n - 1) / 4
                    let (whole, part) = (q * (v.len() - 1) / 4, q * (v.len() - 1) % 4);
                    let next = v[(whole + usize::from(part > 0)).min(v.len() - 1)];
                    v[whole] as f64 + (next - v[whole]) as f64 * part as f64 / 4.0
                }));
                prop_assert_eq!(&order.quartiles, &expected);
                let top = |k: usize| v.iter().rev().take(k).map(|x| i128::from(*x)).sum::<i128>();
                prop_assert_eq!(order.largest, [top(3), top(10)]);
            }
        }
    }
}
