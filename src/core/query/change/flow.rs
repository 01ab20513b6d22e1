//! Rows that stayed, entered and left, by class and in all. Their sums are what the sums of either period have besides those of the rows
//! that stayed, and go through the gate as a table of their own: none is of too few rows, and none is what others leave of a total.

use super::{Asked, Compared, Key, Named, RowFlow, Side};
use crate::query::answer::{Amount, Amounts};
use crate::query::disclosure::{DisclosureLine, DisclosureTable};

/// The rows of a line, and of the classes in it.
#[derive(Default)]
pub(super) struct Flows {
    pub(super) total: Option<RowFlow>,
    pub(super) classes: Vec<Option<RowFlow>>,
}

/// Rows that entered, in the later period.
const ENTERED: &str = "entered";
/// Rows that left, in the earlier.
const LEFT: &str = "left";

/// Those of the whole, then of the areas; empty where the register has no dates.
pub(super) fn flows(asked: &Asked, of: &Compared, keys: &[Named]) -> Vec<Flows> {
    let Some(stayed) = &of.stayed else { return vec![] };
    let keys: Vec<Option<&Key>> = std::iter::once(None).chain(keys.iter().map(|named| Some(&named.key))).collect();
    // of the others' rows a reader who is limited to districts knows too little
    let first = usize::from(asked.about.scope.is_some());
    let places: Vec<usize> = (first..=of.after.areas.len()).collect();
    let row = |place: usize| keys.iter().map(|key| Rows::new(asked, of, stayed, place, *key)).collect::<Vec<_>>();
    let mut table: Vec<Vec<Rows>> = places.iter().map(|place| row(*place)).collect();
    withhold(asked, of, first == 0, &mut table);
    let mut out: Vec<Flows> = (0..first).map(|_| Flows::default()).collect();
    out.extend(table.into_iter().map(|row| {
        let mut all = row.into_iter().map(|rows| Some(rows.flow()));
        Flows { total: all.next().flatten(), classes: all.collect() }
    }));
    out
}

/// Withholds what may not leave: the classes of a line add up to it, and areas that share no row to the whole.
fn withhold(asked: &Asked, of: &Compared, has_whole: bool, table: &mut [Vec<Rows>]) {
    let register = asked.about.register().and_then(|c| c.spec.register.as_ref());
    let Some(rules) = register.map(|register| &register.disclosure) else { return };
    let lines = table.iter_mut().filter_map(|row| {
        let (total, parts) = row.split_first_mut()?;
        let parts = parts.iter_mut().map(|part| Some(&mut part.sums)).collect();
        Some(DisclosureLine { total: &mut total.sums, parts })
    });
    let mut lines: Vec<DisclosureLine> = lines.collect();
    if lines.is_empty() {
        return;
    }
    if has_whole {
        // the total of the others stands last
        lines.rotate_left(1);
    }
    let lines_add_up = has_whole && of.after.partition;
    let table = DisclosureTable { lines, parts_add_up: true, lines_add_up, withheld: false };
    asked.bound.disclosure().withhold(rules, table);
}

/// The rows of a line, or of a class in it.
struct Rows {
    stayed: u64,
    entered: u64,
    left: u64,
    /// The sums of those that stayed, in the earlier and in the later period.
    kept: [Option<f64>; 2],
    /// The sums of those that entered and of those that left.
    sums: Amounts,
}

impl Rows {
    fn new(asked: &Asked, of: &Compared, stayed: &[Side; 2], place: usize, class: Option<&Key>) -> Self {
        let at = |side: &Side| {
            let line = if place == 0 { &side.whole } else { &side.areas[place - 1] };
            let amount = |amounts: &Amounts| asked.quantity.metric().and_then(|m| amounts.get(&m.id)).cloned();
            match class {
                None => (line.count, amount(&line.amounts)),
                Some(key) => line.class(key).map_or((0, None), |class| (class.count, amount(&class.amounts))),
            }
        };
        let [(before, then), (now, later), (kept, kept_then), (_, kept_later)] =
            [&of.before, &of.after, &stayed[0], &stayed[1]].map(at);
        let unit = 10f64.powi(asked.quantity.metric().map_or(0, |metric| metric.decimals).into());
        let sum = |of: &Option<Amount>| of.as_ref().and_then(|a| if a.withheld { None } else { a.sum.or(Some(0.0)) });
        // of a class that has no row here there is no sum to be given, and none to be withheld
        let rest = |all: &Option<Amount>, kept: &Option<Amount>| {
            let all = all.as_ref()?;
            let (has, kept_by) = (kept.as_ref().map_or(0, |kept| kept.reported), kept.as_ref());
            let sums = sum(&Some(all.clone())).zip(kept_by.map_or(Some(0.0), |_| sum(kept)));
            let less = sums.map(|(all, kept)| ((all - kept) * unit).round() / unit);
            let sensitive = less.is_none();
            Some(Amount { sum: less, reported: all.reported.saturating_sub(has), sensitive, ..all.clone() })
        };
        let both = [(ENTERED, rest(&later, &kept_later)), (LEFT, rest(&then, &kept_then))];
        let sums = both.into_iter().filter_map(|(name, amount)| {
            let amount = Amount { withheld: false, growth: None, ..amount? };
            Some((name.to_owned(), amount))
        });
        Self {
            stayed: kept,
            entered: now.saturating_sub(kept),
            left: before.saturating_sub(kept),
            kept: [sum(&kept_then), sum(&kept_later)],
            sums: sums.collect(),
        }
    }

    fn flow(&self) -> RowFlow {
        let given = |name: &str| self.sums.get(name).and_then(|a| if a.withheld { None } else { a.sum });
        let (entered_now, left_before) = (given(ENTERED), given(LEFT));
        let [then, later] = self.kept;
        RowFlow {
            stayed: self.stayed,
            entered: self.entered,
            left: self.left,
            // with the sum of all, that of those that stayed would give the others'
            stayed_before: then.filter(|_| left_before.is_some()),
            stayed_now: later.filter(|_| entered_now.is_some()),
            entered_now,
            left_before,
        }
    }
}
