//! Sums by class at several levels: a class is what its parts make up, and no level gives away what another withholds.

use super::disclosure::{DisclosureLine, DisclosureTable};
use super::{Amounts, Disclosure, Sums};
use crate::model::DisclosureRules;
use crate::snapshot::Classes;

/// The sums of the divided classes of a reading. The first stands for the whole, which has sums of its own.
pub(super) fn of_nodes(classes: &Classes, sums: &Sums) -> Vec<Amounts> {
    let node = |(place, node): (usize, &crate::snapshot::Node)| {
        if place == 0 { Amounts::new() } else { sums.groups(&node.groups) }
    };
    classes.nodes().iter().enumerate().map(node).collect()
}

/// Withholds sums from the top of the hierarchy downwards. What is withheld of a class depends on the levels above only, so
/// that it is alike in answers about any level below; and within a class never one part alone.
pub(super) fn withhold(
    disclosure: Disclosure,
    rules: &DisclosureRules,
    classes: &Classes,
    total: &mut Amounts,
    parts: Parts<'_>,
    withheld: bool,
) {
    let Parts { groups, nodes } = parts;
    for (place, node) in classes.nodes().iter().enumerate() {
        let mut own = std::mem::take(&mut nodes[place]);
        let none = (place == 0).then_some(classes.len());
        let below = nodes.iter_mut().enumerate().filter(|(place, _)| node.nodes.contains(place));
        // a divided class stands where its first group does, so that the order of the parts is alike at every level
        let first = |place: usize| classes.nodes()[place].groups.first().copied();
        let below = below.map(|(place, amounts)| (first(place), amounts));
        let ends = groups.iter_mut().enumerate().filter(|(place, _)| node.own.contains(place) || Some(*place) == none);
        let ends = ends.map(|(place, amounts)| (Some(place), amounts));
        let mut parts: Vec<_> = below.chain(ends).filter(|(_, amounts)| !amounts.is_empty()).collect();
        parts.sort_by_key(|(place, _)| *place);
        let parts = parts.into_iter().map(|(_, amounts)| Some(amounts)).collect();
        let line = DisclosureLine { total: if place == 0 { &mut *total } else { &mut own }, parts };
        let table = DisclosureTable { lines: vec![line], parts_add_up: true, lines_add_up: false, withheld };
        disclosure.withhold(rules, table);
        nodes[place] = own;
    }
}

/// The sums of each group, those of no class last, and of each divided class.
pub(super) struct Parts<'a> {
    pub(super) groups: &'a mut [Amounts],
    pub(super) nodes: &'a mut [Amounts],
}

/// Withholds the sums of what stands beside a class, where with them one that is withheld could be worked out.
pub(super) fn beside(other: &mut Amounts, known: &[&Amounts]) {
    for (metric, amount) in other {
        if known.iter().any(|amounts| amounts.get(metric).is_some_and(|a| a.withheld)) {
            amount.withhold();
        }
    }
}
