//! Hot and cold hexagons: where more rows lie among neighbours than chance would give them.

use super::places::Input;
use super::{
    CollectionWord, Gate, HotspotChoice, HotspotFeature, HotspotHead, HotspotParameter, LEAST_LOCATED, Notes, head,
};
use crate::cancel;
use crate::model::Text;
use crate::query::engine::Bound;
use crate::query::query_error::QueryError;
use crate::stats::hexagons::{FALSE_DISCOVERIES, Heat, Hexagon, Occupied, Quadrant, tested};
use geo::{Coord, LineString, MultiPolygon, Polygon};
use serde::Serialize;

/// Hexagons of the usual resolution hold so many rows on average, those that hold any.
const USUAL_ROWS: usize = 4;
/// The resolutions that are tried where nobody chose one: edges of 0.2 km down from 23 km.
const USUAL: std::ops::RangeInclusive<u8> = 4..=9;

/// What may be said of a hexagon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum HexagonHeat {
    /// Significantly more rows among its neighbours than chance would give.
    Hot,
    /// Significantly fewer.
    Cold,
    /// Neither.
    Neither,
    /// It holds too few rows to be shown.
    Withheld,
}

/// A hexagon.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HexagonRow {
    /// What may be said at the rate of false discoveries.
    pub heat: HexagonHeat,
    /// Rows in it; `null` where they are withheld.
    pub count: Option<u64>,
    /// Rows to a square kilometre.
    pub density: Option<f64>,
    /// Neighbours that are compared.
    pub neighbours: Option<u8>,
    /// Rows in these; `null` where those of any are withheld.
    pub around: Option<u64>,
    /// Probability that its neighbours hold as many rows or more by chance.
    pub upper: Option<f64>,
    /// Probability that they hold as many or fewer.
    pub lower: Option<f64>,
    /// Two-sided p-value, exact.
    pub p: Option<f64>,
    /// The p-value adjusted over all hexagons.
    pub q: Option<f64>,
    /// Local Moran, where significant: `high_high`, `low_high`, `low_low` or `high_low`.
    pub quadrant: Option<&'static str>,
}

/// How many hexagons there are of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct HexagonCounts {
    /// Hexagons compared: those that hold rows, and those next to them.
    pub all: u64,
    /// Hot ones.
    pub hot: u64,
    /// Cold ones.
    pub cold: u64,
    /// Rows in hot ones that are shown.
    pub rows_in_hot: u64,
}

/// What is said of all hexagons.
#[derive(Clone, Debug, PartialEq)]
pub struct HexagonSummary {
    /// What it is of and how it was made.
    pub head: HotspotHead,
    /// The rate of false discoveries at which hexagons are called hot or cold.
    pub false_discovery_rate: f64,
    /// The mean area of a hexagon in square kilometres.
    pub hexagon_km2: f64,
    /// How many there are.
    pub hexagons: HexagonCounts,
}

/// Hexagons.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HotHexagons {
    /// `FeatureCollection`.
    #[serde(rename = "type")]
    pub kind: CollectionWord,
    /// What it is of and how it was made.
    #[serde(flatten)]
    pub head: HotspotHead,
    /// The rate of false discoveries at which hexagons are called hot or cold.
    pub false_discovery_rate: f64,
    /// The mean area of a hexagon in square kilometres.
    pub hexagon_km2: f64,
    /// How many there are.
    pub hexagons: HexagonCounts,
    /// The hexagons, ascending by index.
    pub features: Vec<HotspotFeature<HexagonRow>>,
}

/// Hot and cold hexagons among the rows of a question, by exact p-values.
pub fn hot_hexagons(bound: &Bound, choice: &HotspotChoice) -> Result<HotHexagons, QueryError> {
    let input = Input::of(bound)?;
    let found = Found::of(&input, choice);
    let HexagonSummary { head, false_discovery_rate, hexagon_km2, hexagons } = found.summary(&input, choice);
    let kind = CollectionWord::FeatureCollection;
    let feature = |hexagon: &Hexagon| feature(hexagon, input.gate, &found.hexagons);
    let features = found.hexagons.iter().map(feature).collect();
    Ok(HotHexagons { kind, head, false_discovery_rate, hexagon_km2, hexagons, features })
}

/// What is said of all hexagons of what was found before.
pub(super) fn summary(input: &Input<'_>, choice: &HotspotChoice) -> HexagonSummary {
    Found::of(input, choice).summary(input, choice)
}

/// Hexagons at a resolution.
struct Found {
    resolution: u8,
    hexagons: Vec<Hexagon>,
}

impl Found {
    fn of(input: &Input<'_>, choice: &HotspotChoice) -> Self {
        let degrees = &input.places.degrees;
        let (resolution, occupied) = match choice.resolution {
            Some(resolution) => (resolution, None),
            None => usual_resolution(degrees),
        };
        let occupied = || occupied.or_else(|| Occupied::of(degrees, resolution, usize::MAX));
        let enough = degrees.len() >= LEAST_LOCATED;
        let hexagons = if enough { occupied().map_or_else(Vec::new, |counts| tested(&counts)) } else { vec![] };
        Self { resolution, hexagons }
    }

    fn summary(&self, input: &Input<'_>, choice: &HotspotChoice) -> HexagonSummary {
        let Input { bound, gate, .. } = *input;
        let of = |wanted: HexagonHeat| self.hexagons.iter().filter(move |hexagon| heat(hexagon, gate) == wanted);
        let counts = HexagonCounts {
            all: self.hexagons.len() as u64,
            hot: of(HexagonHeat::Hot).count() as u64,
            cold: of(HexagonHeat::Cold).count() as u64,
            rows_in_hot: of(HexagonHeat::Hot).map(|hexagon| u64::from(hexagon.count)).sum(),
        };
        let withheld = of(HexagonHeat::Withheld).count() as u64;
        let mut notes = Notes::new(bound);
        notes.common(input.counted(), gate.0);
        say(&mut notes);
        let enough = input.places.len() >= LEAST_LOCATED;
        let parameters = if enough { vec![said(choice, self.resolution)] } else { vec![] };
        HexagonSummary {
            head: head(bound, method(bound), parameters, input.counted(), withheld, notes),
            false_discovery_rate: FALSE_DISCOVERIES,
            hexagon_km2: crate::stats::hexagons::area_km2(self.resolution).unwrap_or_default(),
            hexagons: counts,
        }
    }
}

/// What may be said of a hexagon.
fn heat(hexagon: &Hexagon, gate: Gate) -> HexagonHeat {
    match hexagon.heat {
        _ if !gate.lets(u64::from(hexagon.count)) => HexagonHeat::Withheld,
        Heat::Hot => HexagonHeat::Hot,
        Heat::Cold => HexagonHeat::Cold,
        Heat::Neither => HexagonHeat::Neither,
    }
}

fn method(bound: &Bound) -> Text {
    bound.describe().wording().text(
        "按 H3 六边形计{row}数。Gi*(Getis、Ord 1992)与局部莫兰(Anselin 1995)问同一件事:固定某格自身,其邻格之和与从其余各格中随机抽同样多格之和相比,是否少见。该分布逐一数出,p 值精确,双侧,无随机种子;全部格一并按 Benjamini–Hochberg(1995)校正为 q,q ≤ 0.05 的称热点或冷点。",
        "{Rows} counted in hexagons of H3. Gi* (Getis and Ord 1992) and local Moran (Anselin 1995) ask the same: a hexagon held fixed, would as many of the others, drawn at random, rarely hold what its neighbours hold? That distribution is counted out, so p-values are exact, two-sided and without a seed; adjusted over all hexagons (Benjamini and Hochberg 1995) they are q, and q of at most 0.05 is called hot or cold.",
    )
}

/// The finest resolution at which hexagons with rows hold enough on average, with these where they were counted, else the coarsest.
fn usual_resolution(degrees: &[[f64; 2]]) -> (u8, Option<Occupied>) {
    let most = degrees.len() / USUAL_ROWS;
    let enough = |resolution| {
        let occupied = Occupied::of(degrees, resolution, most)?;
        (!occupied.is_empty()).then_some((resolution, Some(occupied)))
    };
    USUAL.rev().find_map(enough).unwrap_or((*USUAL.start(), None))
}

fn said(choice: &HotspotChoice, resolution: u8) -> HotspotParameter {
    HotspotParameter {
        id: "resolution",
        title: Text::new("六边形级别(H3)", "Resolution of hexagons (H3)"),
        value: f64::from(resolution),
        unit: Text::default(),
        derived: choice.resolution.is_none().then(|| {
            Text::new(
                "按数据推定:有点的六边形平均至少 4 点的最细一级",
                "from the data: the finest at which hexagons with points hold 4 or more on average",
            )
        }),
    }
}

fn say(notes: &mut Notes<'_>) {
    notes.add(
        "grid",
        "换一级或换一套格网,结果会不同。离所有{row}都远的格不参与比较;相邻格共用邻格,检验彼此相关。",
        "Another resolution or grid gives other hexagons. Those far from all {rows} are not compared; neighbours share hexagons, so their tests depend on each other.",
    );
    notes.add(
        "own",
        "冷热说的是邻格,不含本格:本格可以{row}很少而周围很热。冷点只与有{row}的地方比,空地不算。",
        "Hot and cold are said of the neighbours, the hexagon itself held fixed: it may hold few {rows} amid a hot area. Cold is compared with where {rows} are, not with empty ground.",
    );
    notes.add(
        "normal",
        "不提供正态近似:计数很偏时它会把偶然的格也称为热点,多出约两倍。",
        "Normal theory is not offered: with counts this skewed it calls about three times as many hexagons hot.",
    );
}

fn feature(hexagon: &Hexagon, gate: Gate, all: &[Hexagon]) -> HotspotFeature<HexagonRow> {
    cancel::check();
    let own = u64::from(hexagon.count);
    let corners = hexagon.outline();
    let ring: LineString<f64> = corners.iter().chain(corners.first()).map(|c| Coord::from(*c)).collect();
    let shape = MultiPolygon(vec![Polygon::new(ring, vec![])]);
    let id = format!("{:x}", hexagon.cell);
    if !gate.lets(own) {
        let row = HexagonRow {
            heat: HexagonHeat::Withheld,
            count: None,
            density: None,
            neighbours: None,
            around: None,
            upper: None,
            lower: None,
            p: None,
            q: None,
            quadrant: None,
        };
        return HotspotFeature::new(id, Some(shape), row);
    }
    // with the sum of the others that are shown a sum of neighbours would give away one that is not
    let near = hexagon.near();
    let found = |cell| all.binary_search_by_key(cell, |h: &Hexagon| h.cell);
    let open = near.iter().all(|cell| found(cell).map_or(true, |place| gate.lets(u64::from(all[place].count))));
    let significant = hexagon.q <= FALSE_DISCOVERIES;
    let km2 = crate::geometry::measure::area_km2(&shape);
    let row = HexagonRow {
        heat: heat(hexagon, gate),
        count: Some(own),
        density: (km2 > 0.0).then(|| own as f64 / km2),
        neighbours: Some(hexagon.neighbours),
        around: open.then(|| u64::from(hexagon.around)),
        upper: open.then_some(hexagon.upper),
        lower: open.then_some(hexagon.lower),
        p: Some(two_digits(hexagon.p, !open)),
        q: Some(two_digits(hexagon.q, !open)),
        quadrant: significant.then_some(match hexagon.quadrant {
            Quadrant::HighHigh => "high_high",
            Quadrant::LowHigh => "low_high",
            Quadrant::LowLow => "low_low",
            Quadrant::HighLow => "high_low",
        }),
    };
    HotspotFeature::new(id, Some(shape), row)
}

/// A p-value in two digits where its neighbours are withheld: in full it would name their sum.
fn two_digits(p: f64, coarse: bool) -> f64 {
    if coarse { crate::stats::scale::rounded(p) } else { p }
}
