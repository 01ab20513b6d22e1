//! What may leave the service: restricted properties, and sums that would tell too much of one enterprise.
//!
//! Sums of restricted metrics are of protected figures to begin with (`snapshot::protection`): that is what withstands the
//! comparison of many answers. What is withheld here hides what one answer alone would show. `docs/adr/0032-disclosure.md`
//! says which rule is for what.

use super::{Amount, Amounts, AreaKind};
use crate::model::{CollectionSpec, DisclosureRules};

/// What a reader is permitted to see.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Disclosure {
    /// Everything: the owner on the local machine.
    Full,
    /// Restricted properties only inside sums, of protected figures and over enough enterprises.
    #[default]
    Aggregates,
}

impl Disclosure {
    /// Whether a row's value of this property may leave.
    pub fn shows(self, spec: &CollectionSpec, property: usize) -> bool {
        if self == Self::Full {
            return true;
        }
        let p = &spec.properties[property];
        !p.restricted && !spec.restricted_metrics().any(|m| m.columns.values().any(|c| *c == p.name))
    }

    /// The properties that may leave, by their place in the schema.
    pub fn columns(self, spec: &CollectionSpec) -> Vec<usize> {
        (0..spec.properties.len()).filter(|&i| self.shows(spec, i)).collect()
    }

    /// How many enterprises a sum needs behind it.
    pub fn minimum(self, rules: &DisclosureRules) -> u64 {
        if self == Self::Full { 0 } else { rules.minimum }
    }

    /// Withholds sums of every metric in a table: what may not be given alone, and as much besides that it can't be
    /// worked out from what is given.
    pub fn withhold(self, rules: &DisclosureRules, mut table: DisclosureTable<'_>) {
        if self == Self::Full {
            return;
        }
        let metrics: Vec<String> = table.lines[0].total.keys().cloned().collect();
        for metric in metrics {
            table.withhold(rules, &metric);
        }
    }
}

/// The sums of a metric in two periods over the rows that have a value in both.
#[derive(Clone, Copy, Debug)]
pub struct Pair {
    /// In the question's period.
    pub now: f64,
    /// In the earlier one.
    pub before: f64,
    /// Rows.
    pub both: u64,
    /// Whether either sum may not be given alone.
    pub sensitive: bool,
    /// How many rows with a value a sum needs.
    pub minimum: u64,
}

/// Whether the change of a sum from an earlier period may not be given: where either sum may not, where the sums of the rows
/// with values in both years could not be given alone, or where these leave out a few that the sums hold.
pub(super) fn hides_growth(now: &Amount, before: &Amount, pair: &Pair) -> bool {
    let few = |reported: u64| (1..pair.minimum).contains(&reported.saturating_sub(pair.both));
    let sums = now.withheld || before.withheld || now.sensitive || before.sensitive;
    sums || pair.sensitive || few(now.reported) || few(before.reported)
}

/// A table of sums: lines of parts, each with its total. The last line is the total of the others.
pub struct DisclosureTable<'a> {
    /// The lines.
    pub lines: Vec<DisclosureLine<'a>>,
    /// Whether the parts of a line make up its total.
    pub parts_add_up: bool,
    /// Whether the lines make up the last.
    pub lines_add_up: bool,
    /// Whether nothing of it may be given.
    pub withheld: bool,
}

/// A line of a table: its total, and its parts, which stand in the same order in all lines.
pub struct DisclosureLine<'a> {
    /// What the parts make up.
    pub total: &'a mut Amounts,
    /// The parts; none where a line has nothing in that place.
    pub parts: Vec<Option<&'a mut Amounts>>,
}

impl<'a> DisclosureLine<'a> {
    /// A sum without parts.
    pub fn single(total: &'a mut Amounts) -> Self {
        Self { total, parts: vec![] }
    }
}

/// A drawn area needs more enterprises before any sum is given.
pub fn too_small(rules: &DisclosureRules, kind: AreaKind, matched: u64) -> bool {
    matches!(kind, AreaKind::Drawn | AreaKind::Circle | AreaKind::Buffer | AreaKind::Nearest | AreaKind::Combined)
        && matched < rules.minimum_drawn
}

impl DisclosureTable<'_> {
    fn withhold(&mut self, rules: &DisclosureRules, metric: &str) {
        let columns = self.lines.iter().map(|l| l.parts.len()).max().unwrap_or(0);
        let all = self.withheld;
        // the totals stand before the parts
        let mut cells: Vec<Vec<Option<&mut Amount>>> = Vec::new();
        for line in &mut self.lines {
            let parts = line.parts.iter_mut().map(|part| part.as_mut().and_then(|p| p.get_mut(metric)));
            cells.push([line.total.get_mut(metric)].into_iter().chain(parts).collect());
            cells.last_mut().into_iter().for_each(|line| line.resize_with(columns + 1, || None));
        }
        for cell in cells.iter_mut().flatten().flatten() {
            // a quartile of few values is some enterprise's own
            if cell.reported < rules.minimum_drawn {
                cell.statistics = None;
                cell.spread = None;
            }
            if all || cell.sensitive || cell.reported < rules.minimum {
                cell.withhold();
            }
        }
        let last = cells.len() - 1;
        loop {
            let mut changed = false;
            for line in &mut cells {
                let Some((total, parts)) = line.split_first_mut() else { continue };
                let parts = parts.iter_mut().map(Option::as_deref_mut);
                changed |= secure(rules, total.as_deref_mut(), parts.flatten().collect(), self.parts_add_up);
            }
            for column in 0..=columns {
                let (lines, total) = cells.split_at_mut(last);
                let parts = lines.iter_mut().filter_map(|line| line[column].as_deref_mut());
                changed |= secure(rules, total[0][column].as_deref_mut(), parts.collect(), self.lines_add_up);
            }
            if !changed {
                return;
            }
        }
    }
}

/// Makes sure that nothing which is withheld can be worked out from a total and its parts; whether more was withheld.
fn secure(rules: &DisclosureRules, total: Option<&mut Amount>, mut parts: Vec<&mut Amount>, add_up: bool) -> bool {
    let Some(total) = total else { return false };
    let mut changed = false;
    if add_up && !total.withheld {
        loop {
            let (mut hidden, mut behind) = (0, 0);
            for part in parts.iter().filter(|p| p.withheld) {
                (hidden, behind) = (hidden + 1, behind + part.reported);
            }
            // what is withheld together is a sum of its own, of several parts and of enough enterprises
            if hidden == 0 || (hidden > 1 && behind >= rules.minimum) {
                break;
            }
            changed = true;
            let next = parts.iter_mut().filter(|p| !p.withheld && p.reported > 0).min_by_key(|p| p.reported);
            if let Some(next) = next {
                next.withhold();
            } else {
                total.withhold();
                break;
            }
        }
    }
    if total.withheld {
        for part in parts.iter_mut().filter(|p| !p.withheld && p.reported > 0) {
            part.withhold();
            changed = true;
        }
    }
    changed
}

impl Amount {
    pub(super) fn withhold(&mut self) {
        if self.reported > 0 {
            self.sum = None;
            self.statistics = None;
            self.spread = None;
            self.withheld = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Text;
    use proptest::prelude::*;

    fn amounts(reported: u64, sensitive: bool) -> Amounts {
        let (sum, unit) = ((reported > 0).then_some(reported as f64), Text::default());
        let amount = Amount {
            sum,
            unit,
            period: None,
            reported,
            missing: 0,
            withheld: false,
            protected: true,
            sensitive,
            statistics: None,
            spread: None,
            growth: None,
            growth_on_previous: None,
        };
        [("m".to_owned(), amount)].into_iter().collect()
    }

    proptest! {
        /// In a table of two dimensions no withheld sum can be worked out from a line: what is withheld in a line whose
        /// total is given is at least two parts with at least three enterprises.
        #[test]
        fn no_line_reveals_what_is_withheld(
            cells in proptest::collection::vec(proptest::collection::vec((0u64..8, proptest::bool::weighted(0.1)), 4), 1..7),
            parts_add_up: bool,
            lines_add_up: bool,
        ) {
            let rules = DisclosureRules::default();
            let columns = cells[0].len();
            let mut rows = cells.clone();
            rows.push((0..columns).map(|c| (cells.iter().map(|r| r[c].0).sum(), false)).collect());
            let mut parts: Vec<Vec<Amounts>> =
                rows.iter().map(|r| r.iter().map(|(n, sensitive)| amounts(*n, *sensitive)).collect()).collect();
            let mut totals: Vec<Amounts> = rows.iter().map(|r| amounts(r.iter().map(|c| c.0).sum(), false)).collect();
            let lines = totals.iter_mut().zip(&mut parts);
            let lines = lines.map(|(total, parts)| DisclosureLine { total, parts: parts.iter_mut().map(Some).collect() }).collect();
            Disclosure::Aggregates.withhold(&rules, DisclosureTable { lines, parts_add_up, lines_add_up, withheld: false });
            let all: Vec<Vec<&Amount>> =
                totals.iter().zip(&parts).map(|(t, p)| [t].into_iter().chain(p).map(|a| &a["m"]).collect()).collect();
            for amount in all.iter().flatten() {
                prop_assert!(amount.sum.is_none() || (amount.reported >= 3 && !amount.sensitive));
                prop_assert_eq!(amount.sum.is_none(), amount.withheld || amount.reported == 0);
            }
            let check = |total: &Amount, parts: &[&Amount]| {
                let hidden: Vec<&&Amount> = parts.iter().filter(|p| p.withheld).collect();
                if total.withheld {
                    assert!(parts.iter().all(|p| p.withheld || p.reported == 0));
                } else if !hidden.is_empty() {
                    assert!(hidden.len() > 1 && hidden.iter().map(|p| p.reported).sum::<u64>() >= 3);
                }
            };
            if parts_add_up {
                all.iter().for_each(|line| check(line[0], &line[1..]));
            }
            if lines_add_up {
                let (last, lines) = all.split_last().unwrap();
                (0..=columns).for_each(|c| check(last[c], &lines.iter().map(|l| l[c]).collect::<Vec<_>>()));
            }
        }
    }

    fn table(total: &mut Amounts) -> DisclosureTable<'_> {
        DisclosureTable {
            lines: vec![DisclosureLine::single(total)],
            parts_add_up: true,
            lines_add_up: true,
            withheld: false,
        }
    }

    #[test]
    fn the_owner_sees_all_and_small_drawn_areas_give_no_sum() {
        let rules = DisclosureRules::default();
        let mut total = amounts(1, true);
        Disclosure::Full.withhold(&rules, table(&mut total));
        assert!(!total["m"].withheld);
        assert!(too_small(&rules, AreaKind::Drawn, 9) && !too_small(&rules, AreaKind::Drawn, 10));
        assert!(!too_small(&rules, AreaKind::Zone, 9));
        let mut total = amounts(9, false);
        Disclosure::Aggregates.withhold(&rules, DisclosureTable { withheld: true, ..table(&mut total) });
        assert!(total["m"].withheld);
    }
}
