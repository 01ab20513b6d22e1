//! What may leave the server: restricted properties, and sums behind which too few enterprises stand.
//!
//! Limits: this hides single figures in one answer. A reader who compares many answers (differencing zones or filters
//! that differ by one enterprise) can still narrow a figure down; the README says so.

use super::{Amount, Amounts, AreaKind};
use crate::core::model::CollectionSpec;

/// What a reader is permitted to see.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Disclosure {
    /// Everything: the owner on the local machine.
    Full,
    /// Restricted properties only inside sums over enough enterprises.
    #[default]
    Aggregates,
}

impl Disclosure {
    /// A sum needs this many enterprises behind it.
    pub const SMALLEST_SUM: u64 = 3;
    /// A drawn area needs this many enterprises before any sum is given, and any area before quartiles are.
    pub const SMALLEST_DRAWN: u64 = 10;

    /// Whether a row's value of this property may leave.
    pub fn shows(self, spec: &CollectionSpec, property: usize) -> bool {
        if self == Self::Full {
            return true;
        }
        let p = &spec.properties[property];
        let metrics = spec.register.iter().flat_map(|r| &r.metrics);
        !p.restricted && !metrics.filter(|m| m.restricted).any(|m| m.columns.values().any(|c| *c == p.name))
    }

    /// The properties that may leave, by their place in the schema.
    pub fn columns(self, spec: &CollectionSpec) -> Vec<usize> {
        (0..spec.properties.len()).filter(|&i| self.shows(spec, i)).collect()
    }

    /// Whether a sum over so many enterprises that have a value may leave on its own.
    pub fn shows_sum(self, reported: u64) -> bool {
        self == Self::Full || reported >= Self::SMALLEST_SUM
    }

    /// Withholds sums of every metric in one table: totals and the parts beneath them. Parts that do not add up to the
    /// total, such as zones that overlap, stand each alone; under a total that is withheld already, every part is.
    pub fn withhold_all(
        self,
        totals: &mut Amounts,
        parts: &mut [&mut Amounts],
        additive: bool,
        kind: AreaKind,
        matched: u64,
    ) {
        for (metric, total) in totals {
            let mut cells: Vec<&mut Amount> = parts.iter_mut().filter_map(|p| p.get_mut(metric)).collect();
            if total.withheld {
                cells.iter_mut().for_each(|c| c.withhold());
            } else if additive {
                self.withhold(total, &mut cells, kind, matched);
            } else {
                cells.iter_mut().for_each(|c| self.withhold(c, &mut [], kind, matched));
                self.withhold(total, &mut [], kind, matched);
            }
        }
    }

    /// Withholds sums of one metric in one table: a total (where it is in the answer) and the parts that make it up. A
    /// part with fewer than [`Self::SMALLEST_SUM`] enterprises is withheld, and so are further parts, smallest first,
    /// until what is withheld can't be worked out from the total.
    pub fn withhold(self, total: &mut Amount, parts: &mut [&mut Amount], kind: AreaKind, matched: u64) {
        if self == Self::Full {
            return;
        }
        // a quartile of few values is some enterprise's own
        let few = |a: &mut Amount| {
            if a.reported < Self::SMALLEST_DRAWN {
                a.statistics = None;
            }
        };
        few(total);
        parts.iter_mut().for_each(|p| few(p));
        let drawn = matches!(kind, AreaKind::Drawn | AreaKind::Circle | AreaKind::Nearest | AreaKind::Combined)
            && matched < Self::SMALLEST_DRAWN;
        if drawn || (total.reported > 0 && !self.shows_sum(total.reported)) {
            total.withhold();
            parts.iter_mut().for_each(|p| p.withhold());
            return;
        }
        let small = |p: &Amount| p.reported > 0 && !self.shows_sum(p.reported);
        parts.iter_mut().filter(|p| small(p)).for_each(|p| p.withhold());
        loop {
            let hidden = parts.iter().filter(|p| p.withheld);
            // one part alone has too few behind it, so enough means several
            let behind: u64 = hidden.map(|p| p.reported).sum();
            let safe = behind == 0 || behind >= Self::SMALLEST_SUM;
            let next = parts.iter_mut().filter(|p| !p.withheld && p.reported > 0).min_by_key(|p| p.reported);
            match (safe, next) {
                (false, Some(next)) => next.withhold(),
                (false, None) => return total.withhold(),
                (true, _) => return,
            }
        }
    }
}

impl Amount {
    pub(super) fn withhold(&mut self) {
        if self.reported > 0 {
            self.sum = None;
            self.statistics = None;
            self.withheld = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::model::Text;
    use proptest::prelude::*;

    fn amount(reported: u64) -> Amount {
        let sum = (reported > 0).then_some(reported as f64);
        Amount { sum, unit: Text::default(), reported, missing: 0, withheld: false, statistics: None }
    }

    proptest! {
        /// What is withheld can't be computed from what is shown: the shown total less the shown parts is a sum over
        /// at least three enterprises in at least two parts, or nothing is withheld.
        #[test]
        fn the_difference_reveals_nothing(reported in proptest::collection::vec(0u64..8, 1..10)) {
            let mut total = amount(reported.iter().sum());
            let mut parts: Vec<Amount> = reported.iter().map(|r| amount(*r)).collect();
            let mut refs: Vec<&mut Amount> = parts.iter_mut().collect();
            Disclosure::Aggregates.withhold(&mut total, &mut refs, AreaKind::Zone, 100);
            for p in &parts {
                prop_assert!(p.sum.is_none() || p.reported >= 3);
                prop_assert_eq!(p.sum.is_none(), p.withheld || p.reported == 0);
            }
            let hidden: Vec<&Amount> = parts.iter().filter(|p| p.withheld).collect();
            if !total.withheld && !hidden.is_empty() {
                prop_assert!(hidden.len() > 1 && hidden.iter().map(|p| p.reported).sum::<u64>() >= 3);
            }
        }
    }

    #[test]
    fn the_owner_sees_all_and_small_drawn_areas_give_no_sum() {
        let (mut total, mut part) = (amount(1), amount(1));
        Disclosure::Full.withhold(&mut total, &mut [&mut part], AreaKind::City, 1);
        assert!(!total.withheld && !part.withheld);
        let (mut total, mut part) = (amount(9), amount(9));
        Disclosure::Aggregates.withhold(&mut total, &mut [&mut part], AreaKind::Drawn, 9);
        assert!(total.withheld && part.withheld);
    }
}
