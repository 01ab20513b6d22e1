//! Values cut into classes: quantiles, equal steps, natural breaks, chosen breaks. A class begins at a threshold, which belongs
//! to it, so equal values never part.

use super::spec::Cut;
use crate::cancel;
use crate::model::Text;
use serde::Serialize;

/// What a class reaches over.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ClassRange {
    /// Where it begins; `null` for no lower end.
    pub from: Option<f64>,
    /// Its largest value; where classes follow each other without gaps, what the next one begins with. `null` for no upper end.
    pub to: Option<f64>,
    /// Zones in it.
    pub count: u64,
    /// What it is called, where it is more than its range.
    pub title: Option<Text>,
}

/// Where the second and each further class begins, ascending. Values are finite.
pub fn thresholds(values: &[f64], cut: &Cut, wanted: usize) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let (Some(&least), Some(&most)) = (sorted.first(), sorted.last()) else {
        return if let Cut::Own(breaks) = cut { breaks.clone() } else { vec![] };
    };
    let mut out: Vec<f64> = match cut {
        Cut::Own(breaks) => return breaks.clone(),
        Cut::Quantile => (1..wanted).map(|i| sorted[i * sorted.len() / wanted]).collect(),
        Cut::Equal => {
            let step = (most - least) / wanted as f64;
            (1..wanted).map(|i| least + step * i as f64).collect()
        }
        Cut::Natural => natural(&sorted, wanted),
        // not by value
        Cut::Moran => vec![],
    };
    out.dedup();
    out.retain(|t| *t > least && *t <= most);
    out
}

/// The place of the class that holds a value.
pub fn class_of(value: f64, thresholds: &[f64]) -> usize {
    thresholds.partition_point(|t| *t <= value)
}

/// The classes as a legend has them. Classes that follow each other without gaps show their limits, others what is in them.
pub fn ranges(values: &[f64], thresholds: &[f64], cut: &Cut, wanted: usize) -> Vec<ClassRange> {
    let own = matches!(cut, Cut::Own(_));
    if values.is_empty() && !own {
        return vec![];
    }
    let mut found = vec![(f64::INFINITY, f64::NEG_INFINITY, 0); thresholds.len() + 1];
    for &value in values {
        let (least, most, count) = &mut found[class_of(value, thresholds)];
        (*least, *most, *count) = (least.min(value), most.max(value), *count + 1);
    }
    let steps = own || (*cut == Cut::Equal && thresholds.len() + 1 == wanted);
    let last = found.len() - 1;
    let whole = found.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |a, f| (a.0.min(f.0), a.1.max(f.1)));
    let range = |(i, (least, most, count)): (usize, (f64, f64, u64))| {
        let (from, to) = if steps {
            // chosen breaks leave both ends open
            let end = |value: f64| (!own).then_some(value);
            let from = if i == 0 { end(whole.0) } else { Some(thresholds[i - 1]) };
            (from, if i == last { end(whole.1) } else { Some(thresholds[i]) })
        } else {
            (Some(least), Some(most))
        };
        ClassRange { from, to, count, title: None }
    };
    found.into_iter().enumerate().map(range).collect()
}

/// Natural breaks (Fisher-Jenks): the least sum of squared deviations within classes. By divide and conquer over the monotone
/// places of the best cuts, so that many thousand zones take no time.
fn natural(sorted: &[f64], wanted: usize) -> Vec<f64> {
    let (least, most) = (sorted[0], sorted[sorted.len() - 1]);
    // sums of squares of large numbers close to each other would lose all digits
    let scale = if most > least { most - least } else { 1.0 };
    let same = |a: &f64, b: &f64| a.total_cmp(b).is_eq();
    let groups: Vec<(f64, f64)> = sorted.chunk_by(same).map(|g| (g[0], g.len() as f64)).collect();
    let mut run = vec![(0.0, 0.0, 0.0)];
    for &(value, weight) in &groups {
        let (v, (w, s, q)) = ((value - least) / scale, run[run.len() - 1]);
        run.push((w + weight, s + weight * v, q + weight * v * v));
    }
    // squared deviation of groups i..j
    let spread = |i: usize, j: usize| {
        let (w, s, q) = (run[j].0 - run[i].0, run[j].1 - run[i].1, run[j].2 - run[i].2);
        (q - s * s / w).max(0.0)
    };
    let (n, k) = (groups.len(), wanted.min(groups.len()));
    let mut cost: Vec<f64> = (0..n).map(|j| spread(0, j + 1)).collect();
    // cuts[c][j]: where the last of c + 2 classes of groups 0..=j begins
    let mut cuts: Vec<Vec<usize>> = Vec::new();
    for c in 1..k {
        let (mut next, mut cut) = (vec![f64::INFINITY; n], vec![0; n]);
        // ranges of j still to do, each with where its cuts lie
        let mut left = vec![(c, n - 1, c, n - 1)];
        while let Some((from, to, low, high)) = left.pop() {
            cancel::check();
            let j = usize::midpoint(from, to);
            for i in low.max(c)..=high.min(j) {
                let here = cost[i - 1] + spread(i, j + 1);
                if here < next[j] - 1e-13 {
                    (next[j], cut[j]) = (here, i);
                }
            }
            if j > from {
                left.push((from, j - 1, low, cut[j]));
            }
            if j < to {
                left.push((j + 1, to, cut[j], high));
            }
        }
        cost = next;
        cuts.push(cut);
    }
    let (mut out, mut end) = (Vec::new(), n - 1);
    for cut in cuts.iter().rev() {
        out.push(groups[cut[end]].0);
        end = cut[end] - 1;
    }
    out.reverse();
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Squared deviations within the classes.
    fn deviation(values: &[f64], thresholds: &[f64]) -> f64 {
        let mut classes = vec![vec![]; thresholds.len() + 1];
        values.iter().for_each(|v| classes[class_of(*v, thresholds)].push(*v));
        let of = |c: &Vec<f64>| {
            let mean = c.iter().sum::<f64>() / c.len() as f64;
            c.iter().map(|v| (v - mean).powi(2)).sum::<f64>()
        };
        classes.iter().filter(|c| !c.is_empty()).map(of).sum()
    }

    /// The least deviation of all ways to choose thresholds among the values.
    fn plain(values: &[f64], distinct: &[f64], k: usize, chosen: &mut Vec<f64>) -> f64 {
        let mut best = deviation(values, chosen);
        if chosen.len() + 1 < k {
            let after = chosen.last().copied().unwrap_or(distinct[0]);
            for &t in distinct.iter().filter(|t| **t > after) {
                chosen.push(t);
                best = best.min(plain(values, distinct, k, chosen));
                chosen.pop();
            }
        }
        best
    }

    fn some_values() -> impl Strategy<Value = Vec<f64>> {
        // ties, few values, wide and narrow ranges, below nothing
        let one = prop_oneof![(-3i32..4).prop_map(f64::from), -1e3..1e3, (1.0e9..1.0e9 + 50.0)];
        prop::collection::vec(one, 0..14)
    }

    proptest! {
        #[test]
        fn natural_breaks_are_the_best_of_all(values in some_values(), k in 2usize..5) {
            let found = thresholds(&values, &Cut::Natural, k);
            let mut distinct = values.clone();
            distinct.sort_unstable_by(f64::total_cmp);
            distinct.dedup();
            if !distinct.is_empty() {
                let best = plain(&values, &distinct, k, &mut vec![]);
                let scale = distinct[distinct.len() - 1] - distinct[0];
                prop_assert!(deviation(&values, &found) <= best + 1e-9 * (1.0 + scale * scale));
            }
        }

        #[test]
        fn quantiles_and_equal_steps_as_they_are_defined(values in some_values(), k in 2usize..10) {
            let mut sorted = values.clone();
            sorted.sort_unstable_by(f64::total_cmp);
            let quantiles = thresholds(&values, &Cut::Quantile, k);
            let steps = thresholds(&values, &Cut::Equal, k);
            for v in &values {
                // so many of the k - 1 marks, each counted once, lie at or below the value
                let mut marks: Vec<f64> = (1..k).map(|i| sorted[i * sorted.len() / k]).collect();
                marks.dedup();
                let below = marks.iter().filter(|m| **m <= *v && **m > sorted[0]).count();
                prop_assert_eq!(class_of(*v, &quantiles), below);
                let (least, most) = (sorted[0], sorted[sorted.len() - 1]);
                let step = (most - least) / k as f64;
                let place = class_of(*v, &steps);
                if steps.len() + 1 == k {
                    prop_assert!(*v >= least + step * place as f64 - 1e-6);
                    prop_assert!(*v <= least + step * (place + 1) as f64 + 1e-6);
                }
            }
        }

        #[test]
        fn every_value_has_one_class_and_legends_add_up(
            values in some_values(), k in 2usize..10, own in prop::collection::btree_set(-5i32..5, 1..8),
        ) {
            let own = Cut::Own(own.into_iter().map(f64::from).collect());
            for cut in [Cut::Natural, Cut::Quantile, Cut::Equal, own] {
                let found = thresholds(&values, &cut, k);
                prop_assert!(found.is_sorted_by(|a, b| a < b), "{cut:?} {found:?}");
                let legend = ranges(&values, &found, &cut, k);
                prop_assert_eq!(legend.iter().map(|c| c.count).sum::<u64>(), values.len() as u64);
                if !matches!(cut, Cut::Own(_)) {
                    prop_assert!(legend.len() <= k);
                }
                for v in &values {
                    let class = &legend[class_of(*v, &found)];
                    prop_assert!(class.from.is_none_or(|from| from <= *v));
                    prop_assert!(class.to.is_none_or(|to| *v <= to));
                }
            }
        }
    }

    #[test]
    fn natural_breaks_of_counts() {
        let counts = [393, 413, 721, 686, 651, 794, 171, 109, 479, 305, 54, 102, 122].map(f64::from);
        let found = thresholds(&counts, &Cut::Natural, 5);
        assert_eq!(found, [305.0, 393.0, 651.0, 794.0]);
        let said: Vec<_> = ranges(&counts, &found, &Cut::Natural, 5).into_iter().map(|c| (c.from, c.to)).collect();
        assert_eq!(said[0], (Some(54.0), Some(171.0)));
        assert_eq!(thresholds(&[7.0; 3], &Cut::Natural, 5), [0.0; 0]);
        assert_eq!(ranges(&[], &[], &Cut::Natural, 5), []);
    }

    #[test]
    fn many_values_are_no_trouble() {
        let values: Vec<f64> = (0..20_000).map(|i| f64::from(i * i % 10_007)).collect();
        assert_eq!(thresholds(&values, &Cut::Natural, 9).len(), 8);
    }
}
