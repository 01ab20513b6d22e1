//! Which system the positions are in: each is tried, and the declared districts tell.
//!
//! The systems of web maps lie some 500 and 1,100 m apart, so that far from borders every point agrees with all of
//! them. Only the points for which two systems give different answers say anything: those near borders (where a
//! border is registered wrongly, they fall on the wrong side), and of those only whether more of them speak for the
//! one than chance would bring about. A wrongly declared district speaks for none: it is as wrong in every system.
//! Borders are generalised and positions are not exact, so that a point within [`TOLERANCE_M`] of a border speaks but
//! softly.

use super::places::Districts;
use super::system::System;
use crate::core::model::Text;
use crate::data::schema;
use geo::Coord;
use serde::Serialize;
use std::fmt::Write;

/// Positions that are tried, evenly spaced over the file.
pub const TRIED: usize = 20_000;
/// Metres by which a point may be on the wrong side of a border and speak little against a system.
const TOLERANCE_M: f64 = 150.0;
/// Above this chance of an accident nothing is decided.
const DOUBT: f64 = 0.05;
/// Standard deviations beyond which the normal distribution has less than [`DOUBT`].
const TAIL: f64 = 1.645;
/// Points from which on the normal distribution stands for the exact count.
const MANY: usize = 300;
/// Points in their district at least, and two thirds of all, for a plane that nobody has stated.
const WITNESSES: usize = 5;

/// A position as it stands in the file, with the district that its row declares.
#[derive(Clone, Copy, Debug)]
pub struct Witness {
    /// The columns called longitude (or east) and latitude (or north).
    pub at: (f64, f64),
    /// The declared district.
    pub district: usize,
}

/// How well a system fits.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = ImportFit)]
pub struct Fit {
    /// The system.
    #[schema(value_type = String, example = "epsg:4549")]
    pub system: System,
    /// Whether the two columns are the other way about.
    pub swapped: bool,
    /// Points in the district that is declared for them.
    pub matching: usize,
    /// Points near borders (those on which the systems disagree) that match.
    pub at_borders: usize,
}

/// How sure a verdict is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = ImportCertainty)]
pub enum Certainty {
    /// The planner has said it.
    Given,
    /// Enterprises are where the register has them.
    Known,
    /// The districts decide.
    Decided,
    /// The file says it, and the districts don't contradict.
    Stated,
    /// Nothing decides.
    Undecided,
}

/// Which system the positions are taken to be in.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = ImportVerdict)]
pub struct Verdict {
    /// The system.
    #[schema(value_type = String, example = "epsg:4549")]
    pub system: System,
    /// Whether longitude and latitude are the other way about in the whole file.
    pub swapped: bool,
    /// How sure that is.
    pub certainty: Certainty,
    /// Points that were tried.
    pub tried: usize,
    /// Points on which the systems disagree.
    pub at_borders: usize,
    /// Each system that fits at all, the best first.
    pub fits: Vec<Fit>,
    /// The system that the file states and that is not supported; no other is written in its place.
    pub foreign: Option<String>,
    /// Whether the numbers are metres of a plane.
    pub plane: bool,
    /// The systems that can be chosen for this city.
    pub choices: Vec<Choice>,
}

/// A system that can be chosen.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = ImportChoice)]
pub struct Choice {
    /// Its short name.
    #[schema(value_type = String, example = "epsg:4549")]
    pub system: System,
    /// Its name.
    #[schema(value_type = schema::Text)]
    pub name: Text,
}

/// What is said of the positions besides their numbers.
#[derive(Clone, Debug, Default)]
pub struct Said<'a> {
    /// The planner's word.
    pub requested: Option<System>,
    /// The file's.
    pub stated: Option<System>,
    /// A system that the file states and that is not supported.
    pub foreign: Option<&'a str>,
    /// Whether the numbers are metres of a plane.
    pub plane: bool,
}

impl Verdict {
    /// What the verdict rests on, in one sentence.
    pub fn text(&self) -> Text {
        let name = self.system.name();
        let share = |n: usize| format!("{:.1}%", n as f64 * 100.0 / self.tried.max(1) as f64);
        let fit = self.fits.iter().find(|f| f.system == self.system && f.swapped == self.swapped);
        let rival = self.fits.iter().find(|f| f.system != self.system);
        let (mut zh, mut en) = match (fit, rival) {
            (Some(fit), Some(rival)) => {
                let (a, b, other) = (share(fit.matching), share(rival.matching), rival.system.name());
                let only = if rival.matching < fit.matching { "只有" } else { "是" };
                (
                    format!("按 {} 解释时 {a} 的点落在其填写的区域内;按 {} {only} {b}", name.zh, other.zh),
                    format!("as {} {a} of the points lie in their declared zone, as {} {b}", name.en, other.en),
                )
            }
            (Some(fit), None) => {
                let a = share(fit.matching);
                (
                    format!("按 {} 解释时 {a} 的点落在其填写的区域内,其他坐标系都不符", name.zh),
                    format!("as {} {a} of the points lie in their declared zone; no other system fits", name.en),
                )
            }
            (None, _) if self.tried > 0 => (
                format!("按 {} 解释时没有点落在其填写的区域内", name.zh),
                format!("as {} no point lies in its declared zone", name.en),
            ),
            (None, _) => (
                format!("没有可以对照的点(坐标与区域都填写的行),按 {} 读取", name.zh),
                format!("no row has both a position and a zone to compare; read as {}", name.en),
            ),
        };
        if let (Some(fit), Some(rival), true) = (fit, rival, self.at_borders > 0) {
            let (n, a, b, other) = (self.at_borders, fit.at_borders, rival.at_borders, rival.system.name());
            let _ = write!(
                zh,
                "。能区分坐标系的只有区域界附近的 {n} 个点,其中 {a} 个符合 {},{b} 个符合 {}",
                name.zh, other.zh
            );
            let _ = write!(
                en,
                "; only points near borders tell systems apart, here {n}: {a} agree with {}, {b} with {}",
                name.en, other.en
            );
        }
        if let Some(foreign) = &self.foreign {
            let _ = write!(zh, "。文件写明的坐标系是“{foreign}”,不受支持,也没有公开的、适用于城市的转换参数");
            let _ = write!(
                en,
                "; the file states {foreign:?}, which is not supported: no transformation is published that holds for a local system"
            );
        } else if self.plane
            && self.certainty == Certainty::Decided
            && self.fits.first().is_some_and(|f| f.system == self.system)
        {
            zh.push_str("。这是由点位推断的,表中没有写明;西安80、北京54 的同一分带也会落在附近(相差数十至百余米),请向提供单位核实");
            en.push_str(
                "; this is concluded from the positions, the file does not state it: the same zone of Xian 1980 or Beijing 1954 \
                 lies some tens to a hundred metres beside it, so ask the sender",
            );
        }
        let (end_zh, end_en) = match self.certainty {
            Certainty::Undecided if self.foreign.is_some() => {
                (" → 不写入;最接近的是 ", " → nothing is written; the closest is ")
            }
            Certainty::Given => (" → 按指定采用 ", " → as asked for, "),
            Certainty::Known => (" → 与名录中已有的位置一致,按 ", " → the register has the same positions, "),
            Certainty::Decided => (" → 建议 ", " → "),
            Certainty::Stated => (" → 表中写明为 ", " → stated in the file: "),
            Certainty::Undecided => (" → 不足以判断,暂按 ", " → not enough to decide; for now "),
        };
        zh.push_str(end_zh);
        zh.push_str(&name.zh);
        en.push_str(end_en);
        en.push_str(&name.en);
        if self.swapped {
            zh.push_str(",两列对调");
            en.push_str(", columns swapped");
        }
        Text { zh, en }
    }
}

/// Where a point lies in a system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    /// In its declared district.
    Right,
    /// Outside, with a border close by.
    Close,
    /// Outside.
    Wrong,
}

impl Side {
    /// How much it speaks against the system.
    fn weight(self) -> i32 {
        match self {
            Self::Right => 0,
            Self::Close => 1,
            Self::Wrong => 3,
        }
    }
}

/// Whether a system fits better than another, beyond what chance would bring about.
fn beats(a: &[Side], b: &[Side]) -> bool {
    let ahead: Vec<i32> = a.iter().zip(b).map(|(a, b)| b.weight() - a.weight()).filter(|w| *w != 0).collect();
    chance(&ahead) <= DOUBT
}

/// Tries all systems.
pub fn verdict(witnesses: &[Witness], districts: &Districts, said: &Said) -> Verdict {
    let Said { requested, stated, foreign, plane } = said.clone();
    let mut systems = System::likely(&districts.bounds());
    let choices = systems.iter().map(|s| Choice { system: *s, name: s.name() }).collect();
    for named in [stated, requested].into_iter().flatten() {
        match systems.iter_mut().find(|s| s.same_place(named)) {
            Some(same) => *same = named,
            None => systems.push(named),
        }
    }
    let side = |at: Option<Coord<f64>>, district| match at {
        Some(at) if districts.holds(district, at) => Side::Right,
        Some(at) if districts.near_border_of(district, at, TOLERANCE_M) => Side::Close,
        _ => Side::Wrong,
    };
    let mut trials: Vec<(System, bool, Vec<Side>, usize)> = Vec::new();
    for system in systems {
        for swapped in [false, true] {
            let matching: Vec<Side> = witnesses
                .iter()
                .map(|w| {
                    let (east, north) = if swapped { (w.at.1, w.at.0) } else { w.at };
                    side(system.locate(east, north), w.district)
                })
                .collect();
            let n = matching.iter().filter(|m| **m == Side::Right).count();
            if n > 0 {
                trials.push((system, swapped, matching, n));
            }
        }
    }
    // of equals the first: WGS 84 before the shifted ones
    trials.sort_by_key(|(.., n)| std::cmp::Reverse(*n));
    // what a wrong district or two happens to match is no rival
    let floor = trials.first().map_or(0, |(.., n)| n / 4);
    trials.retain(|(.., n)| *n > floor);
    let splits: Vec<usize> = (0..witnesses.len())
        .filter(|&w| {
            let mut all = trials.iter().map(|(_, _, m, _)| m[w] == Side::Right);
            all.next().is_some_and(|first| all.any(|m| m != first))
        })
        .collect();
    let fits: Vec<Fit> = trials
        .iter()
        .map(|(system, swapped, m, n)| {
            let at_borders = splits.iter().filter(|w| m[**w] == Side::Right).count();
            Fit { system: *system, swapped: *swapped, matching: *n, at_borders }
        })
        .collect();
    let find = |system: System| trials.iter().position(|(s, ..)| *s == system);
    // that numbers which nothing else explains lie in the city proves a plane only where many agree
    let enough = |(system, _, _, n): &(System, bool, Vec<Side>, usize)| {
        !system.is_plane() || (*n >= WITNESSES && *n * 3 >= witnesses.len() * 2)
    };
    let best_is_sure =
        trials.first().is_some_and(|best| enough(best) && trials[1..].iter().all(|(.., m, _)| beats(&best.2, m)));
    // what the file says holds unless the districts say otherwise for certain
    let contradicted = |system: System| match (find(system), trials.first()) {
        (Some(at), Some((.., best, _))) => beats(best, &trials[at].2),
        // nowhere in the city: a few rows prove no more against it than they would for it
        (None, Some((.., best, _))) => beats(best, &vec![Side::Wrong; best.len()]),
        _ => false,
    };
    let (system, certainty) = match (requested, stated, trials.first()) {
        (Some(requested), ..) => (requested, Certainty::Given),
        // what is stated and not supported is never replaced
        (None, _, best) if foreign.is_some() => (best.map_or(System::Wgs84, |(s, ..)| *s), Certainty::Undecided),
        (None, Some(stated), _) if !contradicted(stated) => (stated, Certainty::Stated),
        (None, _, Some((best, ..))) if best_is_sure => (*best, Certainty::Decided),
        (None, _, Some((best, ..))) => (*best, Certainty::Undecided),
        (None, stated, None) => (stated.unwrap_or(System::Wgs84), Certainty::Undecided),
    };
    let swapped = find(system).is_some_and(|at| trials[at].1);
    let (tried, foreign) = (witnesses.len(), foreign.map(str::to_owned));
    Verdict { system, swapped, certainty, tried, at_borders: splits.len(), fits, foreign, plane, choices }
}

/// How likely it is that numbers of these sizes whose signs are thrown like coins add up to as much as they do:
/// Fisher's randomisation test.
fn chance(ahead: &[i32]) -> f64 {
    let sum: i32 = ahead.iter().sum();
    if sum <= 0 {
        return 1.0;
    }
    if ahead.len() > MANY {
        let squares: f64 = ahead.iter().map(|w| f64::from(*w).powi(2)).sum();
        // above this many deviations of the normal distribution the tail is below DOUBT
        return if f64::from(sum) > TAIL * squares.sqrt() { 0.0 } else { 1.0 };
    }
    // the sum is as large when what is negative weighs no more than it does; ways[w] of choosing a weight of w
    let negative: i32 = ahead.iter().filter(|w| **w < 0).map(|w| -w).sum();
    let mut ways = vec![0.0; negative as usize + 1];
    ways[0] = 1.0;
    for weight in ahead.iter().map(|w| w.unsigned_abs() as usize) {
        for sum in (weight..ways.len()).rev() {
            ways[sum] += ways[sum - weight];
        }
    }
    ways.iter().sum::<f64>() / 2f64.powi(ahead.len() as i32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chances_are_those_of_coins() {
        assert!((chance(&[1; 5]) - 1.0 / 32.0).abs() < 1e-12);
        assert!((chance(&[1, 1, 1, 1, 1, 1, 1, 1, -1, -1]) - 56.0 / 1024.0).abs() < 1e-12);
        assert!((chance(&[2, -2]) - 1.0).abs() < 1e-12);
        // a shallow one against five deep ones: of 64 throws only those with nothing, or the shallow one, on the
        // other side
        assert!((chance(&[3, 3, 3, 3, 3, -1]) - 2.0 / 64.0).abs() < 1e-12);
        // all outcomes, counted in full
        let weights = [3, 1, 2, -1, 3, -2, 1, 3, -1, 2];
        let sum: i32 = weights.iter().sum();
        let throw =
            |n: u32| (0..10).map(|i| if n >> i & 1 == 1 { weights[i].abs() } else { -weights[i].abs() }).sum::<i32>();
        let as_large = (0..1024).filter(|n| throw(*n) >= sum).count();
        assert!((chance(&weights) - as_large as f64 / 1024.0).abs() < 1e-12);
        assert!(chance(&[1; 1000]) <= DOUBT);
        assert!(chance(&[[1; 500], [-1; 500]].concat()) > DOUBT);
    }
}
