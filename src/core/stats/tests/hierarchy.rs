//! Clusters of unlike densities against other programs, and against their definition.

use super::{lattice, projected, quantile, towns, values};
use crate::stats::grid::squared;
use crate::stats::hierarchy::{Asked, hdbscan, lengths};
use crate::stats::plane::Metres;
use proptest::prelude::*;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// How alike two partitions are, 1 for the same (Hubert and Arabie 1985); noise is a group.
fn adjusted_rand<A: Ord + Copy, B: Ord + Copy>(a: &[A], b: &[B]) -> f64 {
    let pairs = |n: u64| (n * n.saturating_sub(1)) as f64 / 2.0;
    let (mut both, mut first, mut second) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    for (a, b) in a.iter().zip(b) {
        *both.entry((*a, *b)).or_insert(0) += 1;
        *first.entry(*a).or_insert(0) += 1;
        *second.entry(*b).or_insert(0) += 1;
    }
    let together: f64 = both.values().map(|n| pairs(*n)).sum();
    let (first, second): (f64, f64) =
        (first.values().map(|n| pairs(*n)).sum(), second.values().map(|n| pairs(*n)).sum());
    let expected = first * second / pairs(a.len() as u64);
    (together - expected) / (f64::midpoint(first, second) - expected)
}

#[test]
fn areas_of_unlike_densities_are_those_of_the_reference() {
    let values = &values()["hdbscan"];
    let asked = Asked { least: 4, smallest: 15, nearest: 0.0 };
    let points = projected();
    let edges = lengths(&points, asked);
    assert_eq!(edges.len(), points.len() - 1);
    for (part, theirs) in [0.0, 0.25, 0.5, 0.75, 1.0].into_iter().zip(values["mst_quantiles"].as_array().unwrap()) {
        let (ours, theirs) = (quantile(&edges, part), theirs.as_f64().unwrap());
        assert!((ours - theirs).abs() < 1e-6, "{part}: {ours} {theirs}");
    }
    let (ours, theirs) = (edges.iter().sum::<f64>(), values["mst_sum"].as_f64().unwrap());
    assert!((ours / theirs - 1.0).abs() < 1e-9, "{ours} {theirs}");
    let found = hdbscan(&points, asked);
    let theirs: Vec<i64> = values["labels"].as_array().unwrap().iter().map(|v| v.as_i64().unwrap()).collect();
    let alike = adjusted_rand(&found.labels, &theirs);
    assert!(alike >= 0.99, "{alike}: {:?}", found.labels);
    assert_eq!(u64::from(found.number), values["clusters"].as_u64().unwrap());
}

#[test]
fn areas_of_unlike_densities_are_those_of_other_programs() {
    // hdbscan 0.8 and scikit-learn 1.9 by tests/data/stats/towns.py
    let values: Value =
        serde_json::from_str(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/data/stats/towns.json")))
            .unwrap();
    for case in values.as_array().unwrap() {
        let n = |name: &str| case[name].as_u64().unwrap();
        let points = towns(n("points") as usize, n("seed"));
        let asked = Asked { least: n("least") as u32, smallest: n("smallest") as u32, nearest: 0.0 };
        let edges = lengths(&points, asked);
        let sum = edges.iter().sum::<f64>();
        assert!((sum / case["edges"].as_f64().unwrap() - 1.0).abs() < 1e-9, "{sum} {}", case["edges"]);
        let theirs: Vec<i64> = case["labels"].as_array().unwrap().iter().map(|v| v.as_i64().unwrap()).collect();
        let found = hdbscan(&points, asked);
        let alike = adjusted_rand(&found.labels, &theirs);
        assert!(alike >= 0.99 && found.number > 2, "{alike}, {} clusters", found.number);
    }
}

/// The lengths of the edges of the shortest tree by Prim's algorithm over all pairs.
fn plain_lengths(points: &[Metres], asked: Asked) -> Vec<f64> {
    let distance = |i: usize, j: usize| squared(points[i], points[j]).sqrt();
    let reach: Vec<f64> = (0..points.len())
        .map(|i| {
            let mut all: Vec<f64> = (0..points.len()).map(|j| distance(i, j)).collect();
            all.sort_by(f64::total_cmp);
            all[(asked.least as usize).min(all.len()) - 1].max(asked.nearest)
        })
        .collect();
    let mut away = vec![f64::INFINITY; points.len()];
    let (mut inside, mut out, mut at) = (vec![false; points.len()], Vec::new(), 0);
    for _ in 1..points.len() {
        inside[at] = true;
        for j in 0..points.len() {
            away[j] = away[j].min(distance(at, j).max(reach[at]).max(reach[j]));
        }
        at = (0..points.len()).filter(|j| !inside[*j]).min_by(|a, b| away[*a].total_cmp(&away[*b])).unwrap();
        out.push(away[at]);
    }
    out.sort_by(f64::total_cmp);
    out
}

/// What stays together when all that is as far apart as `distance` or farther comes apart.
fn plain_parts(points: &[Metres], members: &[usize], distance: f64, reach: &[f64]) -> Vec<Vec<usize>> {
    let mut left: BTreeSet<usize> = members.iter().copied().collect();
    let mut out = Vec::new();
    while let Some(start) = left.pop_first() {
        let (mut part, mut open) = (vec![start], vec![start]);
        while let Some(i) = open.pop() {
            let near = |j: &usize| squared(points[i], points[*j]).sqrt().max(reach[i]).max(reach[*j]) < distance;
            let found: Vec<usize> = left.iter().copied().filter(near).collect();
            for j in found {
                left.remove(&j);
                part.push(j);
                open.push(j);
            }
        }
        part.sort_unstable();
        out.push(part);
    }
    out
}

/// Clusters as they are defined: the set comes apart at each distance, from the largest down. Gives excess of mass and what was chosen.
fn plain_chosen(
    points: &[Metres],
    reach: &[f64],
    smallest: usize,
    members: &[usize],
    born: f64,
    top: bool,
) -> (f64, Vec<Vec<usize>>) {
    let (mut stable, mut now) = (0.0, members.to_vec());
    loop {
        let pair = |i: usize, j: usize| squared(points[i], points[j]).sqrt().max(reach[i]).max(reach[j]);
        // the largest distance at which it is still one: the longest edge of its shortest tree
        let mut lengths: Vec<f64> =
            now.iter().flat_map(|i| now.iter().filter(move |j| *j > i).map(move |j| pair(*i, *j))).collect();
        lengths.sort_by(|a, b| b.total_cmp(a));
        lengths.dedup();
        let cut = lengths.into_iter().find(|d| plain_parts(points, &now, *d, reach).len() > 1).unwrap();
        let parts: Vec<Vec<usize>> =
            plain_parts(points, &now, cut, reach).into_iter().filter(|part| part.len() >= smallest).collect();
        let gone = if parts.len() == 1 { now.len() - parts[0].len() } else { now.len() };
        stable += gone as f64 * (1.0 / cut - born);
        if let [one] = &parts[..] {
            now.clone_from(one);
            continue;
        }
        let (mut below, mut chosen) = (0.0, Vec::new());
        for part in parts.into_iter().rev() {
            let (excess, found) = plain_chosen(points, reach, smallest, &part, 1.0 / cut, false);
            below += excess;
            chosen.extend(found);
        }
        return if top || below > stable * (1.0 + 1e-12) { (below, chosen) } else { (stable, vec![members.to_vec()]) };
    }
}

fn by_first(labels: &[Option<u32>], number: u32) -> Vec<Vec<usize>> {
    (0..number).map(|c| (0..labels.len()).filter(|i| labels[*i] == Some(c)).collect()).collect()
}

proptest! {
    #[test]
    fn shortest_trees_are_those_of_all_pairs(points in lattice(), least in 1_u32..9, nearest in prop::sample::select(vec![0.0, 60.0])) {
        prop_assume!(points.len() > 8);
        let asked = Asked { least, smallest: 4, nearest };
        for (ours, plain) in lengths(&points, asked).iter().zip(plain_lengths(&points, asked)) {
            prop_assert!((ours - plain).abs() < 1e-9, "{ours} {plain}");
        }
    }

    #[test]
    fn persistent_clusters_are_those_of_the_definition(points in lattice(), turn in 0_usize..70, least in 1_u32..6, smallest in 2_u32..7) {
        prop_assume!(points.len() > 8);
        let asked = Asked { least, smallest, nearest: 40.0 };
        let found = hdbscan(&points, asked);
        let reach: Vec<f64> = points.iter().map(|p| {
            let mut all: Vec<f64> = points.iter().map(|q| squared(*p, *q).sqrt()).collect();
            all.sort_by(f64::total_cmp);
            all[least as usize - 1].max(40.0)
        }).collect();
        let all: Vec<usize> = (0..points.len()).collect();
        let (_, mut plain) = plain_chosen(&points, &reach, smallest as usize, &all, 0.0, true);
        plain.sort();
        prop_assert_eq!(&plain, &by_first(&found.labels, found.number));
        let mut turned = points.clone();
        turned.rotate_left(turn.min(points.len()));
        let mut again = hdbscan(&turned, asked).labels;
        again.rotate_right(turn.min(points.len()));
        for i in 0..points.len() {
            for j in 0..i {
                prop_assert_eq!(found.labels[i].is_some() && found.labels[i] == found.labels[j], again[i].is_some() && again[i] == again[j]);
            }
        }
    }
}
