//! Counts cut into at most five classes by natural breaks (Fisher-Jenks): least variance within classes. Nothing (0) is in
//! no class: it is no small number, and where all zones have none, the one class would have the strongest colour. The page cuts
//! alike (`web/src/map/classes.ts`).

/// A class: its smallest and its largest count.
pub(super) type Class = (u64, u64);

/// Classes of one and more counts, ascending. Equal counts never part.
pub(super) fn classes(counts: &[u64], wanted: usize) -> Vec<Class> {
    let mut sorted: Vec<u64> = counts.iter().copied().filter(|&n| n > 0).collect();
    sorted.sort_unstable();
    let groups: Vec<(u64, f64)> = sorted.chunk_by(|a, b| a == b).map(|g| (g[0], g.len() as f64)).collect();
    let (n, k) = (groups.len(), wanted.min(groups.len()));
    if k == 0 {
        return vec![];
    }
    // running weight, sum and sum of squares
    let mut run = vec![(0.0, 0.0, 0.0)];
    for &(v, weight) in &groups {
        let (v, (w, s, q)) = (v as f64, run[run.len() - 1]);
        run.push((w + weight, s + weight * v, q + weight * v * v));
    }
    // squared deviation of groups i..j
    let spread = |i: usize, j: usize| {
        let (w, s, q) = (run[j].0 - run[i].0, run[j].1 - run[i].1, run[j].2 - run[i].2);
        q - s * s / w
    };
    // cheapest[c][j]: groups 0..=j in c + 1 classes, and where the last of them begins
    let mut cheapest = vec![(0..n).map(|j| (spread(0, j + 1), 0)).collect::<Vec<_>>()];
    for c in 1..k {
        let before = &cheapest[c - 1];
        let best = |j: usize| {
            let cut = (c..=j).map(|i| (before[i - 1].0 + spread(i, j + 1), i));
            cut.fold((f64::INFINITY, 0), |best, one| if one.0 < best.0 - 1e-9 { one } else { best })
        };
        cheapest.push((0..n).map(best).collect());
    }
    let mut out = Vec::new();
    let mut end = n;
    for c in (0..k).rev() {
        let start = cheapest[c][end - 1].1;
        out.push((groups[start].0, groups[end - 1].0));
        end = start;
    }
    out.reverse();
    out
}

/// The class that holds a count; none for nothing.
pub(super) fn class_of(count: u64, classes: &[Class]) -> Option<usize> {
    let last = classes.len().checked_sub(1)?;
    (count > 0).then(|| classes.iter().position(|c| count <= c.1).unwrap_or(last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn natural_breaks() {
        // the page's legend for the sample register shows these
        let counts = [393, 413, 721, 686, 651, 794, 171, 109, 479, 305, 54, 102, 122];
        assert_eq!(classes(&counts, 5), [(54, 171), (305, 305), (393, 479), (651, 721), (794, 794)]);
        assert_eq!(classes(&[7, 7, 7], 5), [(7, 7)]);
        assert_eq!(classes(&[], 5), []);
        assert_eq!(classes(&[0, 0, 0], 5), []);
        assert_eq!(classes(&[0, 3, 0], 5), [(3, 3)]);
        assert_eq!([0, 1, 480, 900].map(|n| class_of(n, &[(1, 479), (600, 700)])), [None, Some(0), Some(1), Some(1)]);
        assert_eq!(class_of(7, &[]), None);
    }
}
