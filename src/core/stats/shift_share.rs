//! Shift-share: what of a change is that of the whole, of the mix of classes, and of the zone itself.

/// A zone by class: the parts of one change. `whole + mix + regional` is the change, to the cent where figures are whole cents.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Parts {
    /// What it would be at the growth of the whole.
    pub whole: f64,
    /// What the class's growth adds to that.
    pub mix: f64,
    /// What is left: the zone's own.
    pub regional: f64,
}

/// The own part of a zone divided (Esteban-Marquillas 1972): `competitive + allocation` is the regional part where the zone had
/// some of the class.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Allocation {
    /// What it would be were the zone mixed like the whole.
    pub competitive: f64,
    /// What comes of being specialised in what grows faster here.
    pub allocation: f64,
}

struct Growth {
    whole: f64,
    classes: Vec<f64>,
}

fn growth(before: &[Vec<f64>], after: &[Vec<f64>]) -> Option<Growth> {
    let sum = |table: &[Vec<f64>], class: usize| table.iter().map(|row| row[class]).sum::<f64>();
    let width = before.first()?.len();
    let (from, to): (Vec<f64>, Vec<f64>) = (0..width).map(|class| (sum(before, class), sum(after, class))).unzip();
    let all = from.iter().sum::<f64>();
    let rate = |from: f64, to: f64| if from > 0.0 { to / from - 1.0 } else { 0.0 };
    let classes = from.iter().zip(&to).map(|(from, to)| rate(*from, *to)).collect();
    (all > 0.0).then(|| Growth { whole: rate(all, to.iter().sum()), classes })
}

/// The classic parts (Dunn 1960) of the change of every zone and class between two tables, zones by classes. A class that was
/// nowhere before has no rate: all of its change is the zone's own. `None` where there was nothing before.
pub fn classic(before: &[Vec<f64>], after: &[Vec<f64>]) -> Option<Vec<Vec<Parts>>> {
    let growth = growth(before, after)?;
    let parts = |(from, to): (&f64, &f64), class: &f64| {
        let whole = from * growth.whole;
        let mix = from * (class - growth.whole);
        // the rest by difference, so that the parts add up
        Parts { whole, mix, regional: to - from - whole - mix }
    };
    let row = |(before, after): (&Vec<f64>, &Vec<f64>)| {
        let cells = before.iter().zip(after).zip(&growth.classes);
        cells.map(|(pair, class)| parts(pair, class)).collect()
    };
    Some(before.iter().zip(after).map(row).collect())
}

/// The regional parts divided.
pub fn esteban_marquillas(before: &[Vec<f64>], after: &[Vec<f64>]) -> Option<Vec<Vec<Allocation>>> {
    let growth = growth(before, after)?;
    let all: f64 = before.iter().flatten().sum();
    let width = before.first()?.len();
    let classes: Vec<f64> = (0..width).map(|class| before.iter().map(|row| row[class]).sum()).collect();
    let row = |(before, after): (&Vec<f64>, &Vec<f64>)| {
        let zone: f64 = before.iter().sum();
        let cell = |class: usize| {
            let (from, to) = (before[class], after[class]);
            let alike = zone * classes[class] / all;
            let own = if from > 0.0 { to / from - 1.0 } else { 0.0 } - growth.classes[class];
            Allocation { competitive: alike * own, allocation: (from - alike) * own }
        };
        (0..width).map(cell).collect()
    };
    Some(before.iter().zip(after).map(row).collect())
}

/// The classic parts added up over each step of a series of tables (Barff and Knight 1988): the mix of every year counts, not
/// only that of the first. `None` of fewer than two tables, or where a step begins with nothing.
pub fn dynamic(tables: &[Vec<Vec<f64>>]) -> Option<Vec<Vec<Parts>>> {
    let mut sum: Option<Vec<Vec<Parts>>> = None;
    for step in tables.windows(2) {
        let next = classic(&step[0], &step[1])?;
        sum = Some(match sum {
            None => next,
            Some(mut sum) => {
                for (to, part) in sum.iter_mut().flatten().zip(next.into_iter().flatten()) {
                    to.whole += part.whole;
                    to.mix += part.mix;
                    to.regional += part.regional;
                }
                sum
            }
        });
    }
    sum
}
